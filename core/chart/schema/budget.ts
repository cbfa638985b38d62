import { SchemaExceeded } from './errors.ts';

/** Steps that remain for reading a schema, or for validating values by it. */
export interface Budget {
  remaining: number;
}

/** Steps to read one schema, most of them against its metaschema; a schema of 65,000 properties fits. */
const maxReadSteps = 3_000_000;

/**
 * Steps to validate the values of one recipe, by all its schemas together.
 * A step is one schema applied to one value; long texts and lists take more. 60,000 keys with a type take 120,001.
 * Steps are counted, not time, so every machine, and a dry run and its job, get the same result.
 */
export const maxCheckSteps = 3_000_000;

/** Largest number of nested evaluations, so that no thread's stack overflows. */
export const maxDepth = 2_000;

/** Creates the budget to read one schema. */
export function createReadBudget(): Budget {
  return { remaining: maxReadSteps };
}

/** Creates the budget to validate the values of one recipe. */
export function createCheckBudget(): Budget {
  return { remaining: maxCheckSteps };
}

/**
 * Takes steps from a budget.
 * @throws {SchemaExceeded} if none remain
 */
export function spend(budget: Budget, steps: number): void {
  budget.remaining -= steps;
  if (budget.remaining < 0) throw new SchemaExceeded('more steps than are allowed');
}
