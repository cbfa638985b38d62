import type { JsonObject } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import { shownMajor } from './compute-values.ts';
import { enableCharts } from './enable-charts.ts';
import { loadChart } from './loaded-chart.ts';
import { coalesceUnder, createWork } from './merge-values.ts';

/**
 * Merges the values of all charts inside, whatever conditions and tags say, and without import-values: where a condition
 * looks. `computeValues` has the values that templates get.
 *
 * @returns parts may be shared with the charts' own values; to be read only
 * @throws {RegistryError} `values.invalid` when the values grow beyond measure
 */
export function coalesceValues(source: Chart): JsonObject {
  const work = createWork();
  const chart = loadChart(source, shownMajor);
  enableCharts(chart, {}, '', { major: shownMajor, work, merging: 'never', onMismatch: () => undefined });
  return coalesceUnder(chart, {}, { major: shownMajor, merge: false, work });
}
