import type { Chart } from '../../chart/chart.ts';
import { computeValues } from '../../chart/compute-values.ts';
import { chargeSteps, createMergeBudget } from '../../chart/merge-budget.ts';
import { isRegistryError } from '../../errors.ts';
import { equalJson, isObject, type JsonObject, setKey } from '../../yaml/json.ts';
import type { SourceFacts } from './source-facts.ts';

/**
 * Computes a source's values as if a user set those of the new chart.
 * Nulls are left out. The values tell what a subchart has that is off in the source by itself and that the recipe
 * switches on. Undefined if no subchart is off, or if the recipe's budget is spent.
 */
export type ComputeSwitchedValues = (source: Chart, after: JsonObject) => JsonObject | undefined;

/**
 * Creates the computation of switched values for one recipe.
 * All its sources share a budget, because a recipe may have a thousand nodes of one large source. A source under the
 * same values as before is not computed again.
 */
export function createSwitchedValues(
  facts: SourceFacts,
  budget = createMergeBudget(),
): ComputeSwitchedValues {
  const last = new Map<Chart, { userValues: JsonObject; values: JsonObject | undefined }>();
  return (source, after) => {
    if (budget.remaining <= 0 || !facts.hasChartsOff(source)) return undefined;
    const userValues = withoutNulls(after);
    const known = last.get(source);
    if (known && equalJson(known.userValues, userValues)) return known.values;
    const values = computeWithin(source, userValues);
    last.set(source, { userValues, values });
    return values;
  };

  function computeWithin(source: Chart, userValues: JsonObject): JsonObject | undefined {
    try {
      chargeSteps(budget, countCharts(source));
      return computeValues(source, { userValues, budget }).values;
    } catch (error) {
      if (isRegistryError(error, 'values.invalid')) return undefined;
      throw error;
    }
  }
}

/** Counts a chart and those inside it: loading them takes steps too, also if none has values. */
function countCharts({ subcharts }: Chart): number {
  return subcharts.reduce((sum, subchart) => sum + countCharts(subchart), 1);
}

function withoutNulls(values: JsonObject): JsonObject {
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== null) setKey(rest, key, isObject(value) ? withoutNulls(value) : value);
  }
  return rest;
}
