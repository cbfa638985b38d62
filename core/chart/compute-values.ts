import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import type { Chart } from './chart.ts';
import { enableCharts } from './enable-charts.ts';
import { type EnabledChart, toEnabled } from './enabled-charts.ts';
import { importValues } from './import-values.ts';
import { loadChart } from './loaded-chart.ts';
import { coalesceUnder, copyMap, createWork, type HelmMajor } from './merge-values.ts';

/** Values that Helm computes of a chart. */
export interface ComputedValues {
  /** As templates of the root see them; those of a subchart stand under its name. To be read only. */
  values: JsonObject;
  chart: EnabledChart;
  /** Places of subcharts whose values are no map, null included: Helm fails there. */
  mismatches: string[][];
}

/** The major whose values are shown, where the two differ. */
export const shownMajor: HelmMajor = 4;

/** Number of this computation, stored with values: raise it when the same chart gets other values than before. */
export const valuesComputation = 1;

/**
 * Computes the values that templates get, as `helm template` does: conditions, tags, aliases, import-values, globals and
 * nulls (ProcessDependencies, then ToRenderValues). Differences of the majors, each from its source:
 *
 * - several documents in values.yaml: Helm 3 reads the first, Helm 4 merges all;
 * - null in a chart's own values.yaml: Helm 4 removes it, Helm 3 keeps it;
 * - a chart under two aliases: Helm 3 loses what its entries import, and their aliases, for the second.
 *
 * @param given a user's values, as by `-f`
 * @throws {RegistryError} `values.invalid` when the values grow beyond measure
 */
export function computeValues(
  source: Chart,
  { major = shownMajor, given = {} }: { major?: HelmMajor; given?: JsonObject } = {},
): ComputedValues {
  const work = createWork();
  const mismatches = new Map<string, string[]>();
  const onMismatch = (path: readonly string[]) => mismatches.set(path.join('\0'), [...path]);
  const chart = loadChart(source, major);
  // Merging subcharts into their parents first makes a difference only where one of these is about.
  const plain = isPlain(source) && !holdsNull(given);
  enableCharts(chart, given, '', { major, work, merging: plain ? 'when asked' : 'always', onMismatch });
  if (!plain) importValues(chart, { major, work, onMismatch });
  const values = coalesceUnder(chart, copyMap(given, work), { major, merge: false, work, onMismatch });
  return { values, chart: toEnabled(chart), mismatches: [...mismatches.values()] };
}

/**
 * Whether a chart and those inside have no imports, no null, one document in values.yaml, and no maps under `global`: then
 * both majors compute the same values.
 */
export function isPlain({ values, firstValues, dependencies, subcharts }: Chart): boolean {
  return (
    firstValues === undefined &&
    !dependencies.some((entry) => Array.isArray(entry['import-values'])) &&
    !holdsNull(values) &&
    !holdsDeepGlobal(values) &&
    subcharts.every(isPlain)
  );
}

/** Whether a null stands in a map or in maps below it; those in lists mean nothing to Helm. */
export function holdsNull(value: Json | undefined): boolean {
  if (!isObject(value)) return value === null;
  for (const key of Object.keys(value)) if (holdsNull(value[key])) return true;
  return false;
}

function holdsDeepGlobal(values: JsonObject): boolean {
  const global = getKey(values, 'global');
  if (isObject(global) ? Object.values(global).some(isObject) : global !== undefined) return true;
  return Object.values(values).some((value) => isObject(value) && holdsDeepGlobal(value));
}
