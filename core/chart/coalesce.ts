import type { JsonObject } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import { shownMajor } from './compute-values.ts';
import { enableCharts } from './enable-charts.ts';
import { loadChart } from './loaded-chart.ts';
import { coalesceUnder, createMergeBudget } from './merge-values.ts';

/**
 * Coalesces the values of all charts inside, ignoring conditions, tags and import-values.
 * Helm looks up conditions in these values. `computeValues` has the values that templates get.
 *
 * @returns values that may share parts with the charts' own; read only
 * @throws {RegistryError} `values.invalid` if merging takes too many steps
 */
export function coalesceValues(source: Chart): JsonObject {
  const budget = createMergeBudget();
  const chart = loadChart(source, shownMajor);
  enableCharts(chart, {}, '', { major: shownMajor, budget, merging: 'never', onMismatch: () => undefined });
  return coalesceUnder(chart, {}, { major: shownMajor, merge: false, budget });
}
