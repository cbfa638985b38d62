import { getKey, isObject, type Json } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import type { LoadedChart } from './loaded-chart.ts';

/** A chart as it is rendered: under its alias, with its enabled subcharts. */
export interface EnabledChart extends Chart {
  subcharts: EnabledChart[];
}

/** Converts a chart that `enableCharts` has processed. */
export function toEnabled({ name, source, subcharts }: LoadedChart): EnabledChart {
  return { ...source, name, dependencies: [], subcharts: subcharts.map(toEnabled) };
}

/** Finds the value at a path of keys and indexes; undefined if there is none. */
export function findValueAt(values: Json | undefined, path: readonly string[]): Json | undefined {
  let found: Json | undefined = values;
  for (const key of path) {
    if (Array.isArray(found)) found = /^\d+$/.test(key) ? found[Number(key)] : undefined;
    else found = isObject(found) ? getKey(found, key) : undefined;
  }
  return found;
}
