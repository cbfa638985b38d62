import type { JsonObject } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import { shownHelmMajor } from './compute-values.ts';
import { enableCharts } from './enable-charts.ts';
import type { EnabledChart } from './enabled-charts.ts';
import { type LoadedChart, loadChart } from './loaded-chart.ts';
import { createMergeBudget, type MergeBudget } from './merge-budget.ts';
import { coalesceUnder } from './merge-values.ts';

/**
 * Coalesces the values of all charts inside, ignoring conditions, tags and import-values.
 * Helm looks up conditions in these values. `computeValues` has the values that templates get.
 *
 * @returns values that may share parts with the charts' own; read only
 * @throws {RegistryError} `values.invalid` if merging takes too many steps
 */
export function coalesceValues(source: Chart): JsonObject {
  const budget = createMergeBudget();
  return coalesceUnder(
    loadEveryChart(source, budget),
    {},
    { major: shownHelmMajor, merge: false, budget, sharesMaps: true },
  );
}

/**
 * Checks that conditions and tags switch off no subchart, at any depth.
 * @param enabled the chart with the subcharts that are on, as `computeValues` returns it
 */
export function isEverySubchartEnabled(source: Chart, enabled: EnabledChart): boolean {
  return countCharts(loadEveryChart(source, createMergeBudget())) === countCharts(enabled);
}

/** Loads a chart with all its subcharts under their aliases, those included that are off. */
function loadEveryChart(source: Chart, budget: MergeBudget): LoadedChart {
  const chart = loadChart(source, shownHelmMajor);
  enableCharts(chart, {}, '', {
    major: shownHelmMajor,
    budget,
    merging: 'never',
    sharesMaps: true,
    onMismatch: () => undefined,
  });
  return chart;
}

interface ChartTree {
  subcharts: ChartTree[];
}

function countCharts({ subcharts }: ChartTree): number {
  return subcharts.reduce((sum, subchart) => sum + countCharts(subchart), 1);
}
