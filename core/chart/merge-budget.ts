import { RegistryError } from '../errors.ts';
import { getKey, isObject, type JsonObject } from '../yaml/json.ts';

/** Steps that remain for a computation. Values repeated by aliases and globals could otherwise grow without end. */
export interface MergeBudget {
  remaining: number;
}

/** Creates the budget of one computation: 2,000,000 steps. */
export function createMergeBudget(): MergeBudget {
  return { remaining: 2_000_000 };
}

/** Largest depth of merged maps. A values.yaml has at most 200 levels; subcharts and imports add some. */
const maxValuesDepth = 500;

/**
 * Charges a budget with steps.
 * @throws {RegistryError} `values.invalid` if none remain
 */
export function chargeSteps(budget: MergeBudget, amount: number): void {
  budget.remaining -= amount;
  if (budget.remaining < 0) {
    throw new RegistryError(
      'values.invalid',
      'The values are too large once those of the subcharts are merged in',
    );
  }
}

/**
 * Checks the depth of merged maps. Helm shares maps between the places that import them, so a map can come into itself;
 * Helm then recurses without end.
 * @throws {RegistryError} `values.invalid`
 */
export function checkDepth(depth: number): void {
  if (depth <= maxValuesDepth) return;
  throw new RegistryError(
    'values.invalid',
    `The values contain themselves, or have more than ${maxValuesDepth} levels, once import-values and globals are applied. Import no map into a place within itself.`,
  );
}

/**
 * Checks the depth of all maps in values, see {@link checkDepth}.
 * @throws {RegistryError} `values.invalid`
 */
export function checkDepthOfAll(values: JsonObject): void {
  const budget = createMergeBudget();
  const visit = (map: JsonObject, depth: number): void => {
    checkDepth(depth);
    chargeSteps(budget, 1);
    for (const key of Object.keys(map)) {
      const value = getKey(map, key);
      if (isObject(value)) visit(value, depth + 1);
    }
  };
  visit(values, 0);
}
