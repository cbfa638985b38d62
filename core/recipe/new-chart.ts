import type { Chart } from '../chart/chart.ts';
import { createValuesByMajor, type ValuesByMajor } from '../chart/values-by-major.ts';
import { composeTree } from './compose-tree.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/** The chart that a plan makes, without its archive, and its values. All that assess the plan share it. */
export interface NewChart {
  chart: Chart;
  valuesIn: ValuesByMajor;
}

/** Composes the new chart of a plan. Its values are computed when they are first asked for. */
export function createNewChart(root: ResolvedNode, plan: Plan): NewChart {
  const chart = composeTree(root, plan);
  return { chart, valuesIn: createValuesByMajor(chart) };
}
