import { getKey, isObject, type Json } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import type { LoadedChart } from './loaded-chart.ts';

/** A chart as it is rendered: under its alias, with the subcharts that conditions and tags let in. */
export interface LiveChart extends Chart {
  subcharts: LiveChart[];
}

export function toLive({ name, source, subcharts }: LoadedChart): LiveChart {
  return { ...source, name, dependencies: [], subcharts: subcharts.map(toLive) };
}

/** The value at a path of keys, or undefined. */
export function findPath(values: Json | undefined, path: readonly string[]): Json | undefined {
  let found: Json | undefined = values;
  for (const key of path) {
    if (Array.isArray(found)) found = /^\d+$/.test(key) ? found[Number(key)] : undefined;
    else found = isObject(found) ? getKey(found, key) : undefined;
  }
  return found;
}
