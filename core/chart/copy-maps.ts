import { getKey, isObject, type JsonObject, setKey } from '../yaml/json.ts';
import { readMapFacts } from './map-facts.ts';
import { chargeSteps, checkDepth, type MergeBudget } from './merge-budget.ts';

/** Key of values that Helm passes down to subcharts. */
export const globalKey = 'global';

/** A chart whose values Helm merges, under the name that its parent uses. */
export interface ValuesChart {
  name: string;
  /** Own values, of values.yaml. */
  values: JsonObject;
  subcharts: ValuesChart[];
}

/** Settings of the copies that one merge makes. */
export interface CopyOptions {
  budget: MergeBudget;
  withoutNulls: boolean;
  /** Whether maps are shared in place of copies where nothing will be merged into them. */
  sharesMaps: boolean;
}

/** Number of subcharts up to which a search takes less than to make a map of them. */
const fewSubcharts = 8;

/** Subcharts by name, of lists of many. Lists of subcharts are replaced, never changed. */
const subchartsByName = new WeakMap<readonly ValuesChart[], ReadonlyMap<string, ValuesChart>>();

/** Finds the subchart whose section a key of values is; the first of several. */
export function findSubchart({ subcharts }: ValuesChart, name: string): ValuesChart | undefined {
  if (subcharts.length <= fewSubcharts) return subcharts.find((subchart) => subchart.name === name);
  // A chart may have thousands of subcharts and a hundred thousand keys, each of which is looked up.
  const known = subchartsByName.get(subcharts);
  if (known) return known.get(name);
  const byName = new Map(subcharts.toReversed().map((subchart) => [subchart.name, subchart] as const));
  subchartsByName.set(subcharts, byName);
  return byName.get(name);
}

/** Copies a map and all maps in it. Lists are shared, because Helm never changes them. */
export function copyMap(map: JsonObject, budget: MergeBudget, withoutNulls = false, depth = 0): JsonObject {
  checkDepth(depth);
  // A spread copies all keys at once, which is faster than to set each; most values stay as they are.
  const result = { ...map };
  for (const key of Object.keys(map)) {
    const value = getKey(map, key) ?? null;
    if (value === null && withoutNulls) delete result[key];
    else chargeSteps(budget, 1);
    if (isObject(value)) setKey(result, key, copyMap(value, budget, withoutNulls, depth + 1));
  }
  return result;
}

/** Copies a map and shares the maps in it. */
export function copyShallow(table: JsonObject, budget: MergeBudget): JsonObject {
  chargeSteps(budget, Object.keys(table).length);
  return { ...table };
}

/**
 * Copies a map under a key of a chart's values, or shares it. Sections of subcharts and the globals are copied, since
 * merging adds to them. A shared map counts as many steps as its copy.
 */
export function copyMapUnder(
  chart: ValuesChart,
  key: string,
  map: JsonObject,
  options: CopyOptions,
  depth = 0,
): JsonObject {
  const { budget, withoutNulls, sharesMaps } = options;
  const subchart = sharesMaps ? findSubchart(chart, key) : undefined;
  if (subchart) return copySection(subchart, map, options, depth);
  const facts = sharesMaps && key !== globalKey ? readMapFacts(map) : undefined;
  if (!facts || (withoutNulls && facts.holdsNull)) return copyMap(map, budget, withoutNulls, depth);
  chargeSteps(budget, facts.keys);
  return map;
}

/**
 * Copies the values given for a chart. Maps may be shared into which its own values will not be merged.
 * @param over values that will be merged over the copy, which changes maps under keys that are theirs too
 */
export function copySection(
  chart: ValuesChart,
  section: JsonObject,
  options: CopyOptions,
  depth = 0,
  over: JsonObject = {},
): JsonObject {
  const { budget, withoutNulls, sharesMaps } = options;
  if (!sharesMaps) return copyMap(section, budget, withoutNulls, depth);
  checkDepth(depth);
  const result = { ...section };
  for (const key of Object.keys(section)) {
    const value = getKey(section, key) ?? null;
    if (value === null && withoutNulls) delete result[key];
    else chargeSteps(budget, 1);
    if (!isObject(value)) continue;
    const ownValue = getKey(chart.values, key);
    const isChanged = (isObject(ownValue) && ownValue !== value) || isObject(getKey(over, key));
    const copy = isChanged
      ? copyMap(value, budget, withoutNulls, depth + 1)
      : copyMapUnder(chart, key, value, options, depth + 1);
    setKey(result, key, copy);
  }
  return result;
}
