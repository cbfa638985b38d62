import { getKey, isObject, type JsonObject, setKey } from '../yaml/json.ts';
import {
  copyMap,
  copyMapUnder,
  copySection,
  copyShallow,
  findSubchart,
  globalKey,
  type ValuesChart,
} from './copy-maps.ts';
import { chargeSteps, checkDepth, checkDepthOfAll, type MergeBudget } from './merge-budget.ts';

/** A major of Helm; the majors differ in nulls of a chart's values.yaml. */
export type HelmMajor = 3 | 4;

/** Settings of one merge. */
export interface CoalesceOptions {
  major: HelmMajor;
  /** Whether nulls stay (Helm's MergeValues); otherwise they remove values below (Helm's CoalesceValues). */
  merge: boolean;
  budget: MergeBudget;
  /**
   * Whether the result may have maps of the charts' own values, where nothing is merged into them. It is read only then.
   * Steps are counted as for copies.
   */
  sharesMaps?: boolean;
  /** Called with the place of a subchart whose values are not a map, at which Helm fails. */
  onMismatch?: (path: readonly string[]) => void;
}

/**
 * Coalesces the values of a chart and its subcharts under others, as Helm does.
 * Follows coalesce.go, which differs between the majors only in nulls. The maps of `overrides` are changed in place, as in Helm,
 * because later subcharts see additions of earlier ones to shared globals. Values of the charts are not changed. A
 * subchart whose values are not a map is left unchanged, and reported; null counts as an empty map.
 *
 * @param overrides becomes the result
 * @throws {RegistryError} `values.invalid` if merging takes too many steps, or a map would be within itself
 */
export function coalesceUnder(
  chart: ValuesChart,
  overrides: JsonObject,
  options: CoalesceOptions,
): JsonObject {
  const sharesMaps = options.sharesMaps === true && mergesEachSectionOnce(chart);
  coalesce(chart, overrides, { ...options, sharesMaps }, []);
  // The section of a chart called `global` is also the globals of its parent, so a map can come into itself.
  if (holdsChartNamedGlobal(chart)) checkDepthOfAll(overrides);
  return overrides;
}

function holdsChartNamedGlobal({ subcharts }: ValuesChart): boolean {
  return subcharts.some((subchart) => subchart.name === globalKey || holdsChartNamedGlobal(subchart));
}

/** Checks that no section of values belongs to two charts, nor is one the globals. Helm then merges into each once. */
export function mergesEachSectionOnce({ subcharts }: ValuesChart): boolean {
  const names = new Set(subcharts.map(({ name }) => name));
  return names.size === subcharts.length && !names.has(globalKey) && subcharts.every(mergesEachSectionOnce);
}

function coalesce(
  chart: ValuesChart,
  dest: JsonObject,
  options: CoalesceOptions,
  path: readonly string[],
): void {
  addOwnValues(chart, dest, options);
  for (const subchart of chart.subcharts) {
    const found = getKey(dest, subchart.name);
    const below = [...path, subchart.name];
    if (found !== undefined && !isObject(found)) options.onMismatch?.(below);
    if (found !== undefined && found !== null && !isObject(found)) continue;
    const section = found ?? {};
    setKey(dest, subchart.name, section);
    passGlobals(section, dest, options);
    coalesce(subchart, section, options, below);
  }
}

/** Adds a chart's own values for keys that the others lack (Helm's coalesceValues). */
function addOwnValues(chart: ValuesChart, dest: JsonObject, options: CoalesceOptions): void {
  const { major, merge, budget } = options;
  const copying = { budget, withoutNulls: major === 4 && !merge, sharesMaps: options.sharesMaps === true };
  for (const key of Object.keys(chart.values)) {
    const ownValue = getKey(chart.values, key) ?? null;
    const current = getKey(dest, key);
    if (current === undefined) {
      if (ownValue === null && copying.withoutNulls) continue;
      chargeSteps(budget, 1);
      setKey(dest, key, isObject(ownValue) ? copyMapUnder(chart, key, ownValue, copying) : ownValue);
    } else if (current === null) {
      if (!merge) delete dest[key];
    } else if (isObject(current) && isObject(ownValue)) {
      // A map that is shared has what would be added to it.
      if (current === ownValue) continue;
      const subchart = findSubchart(chart, key);
      const keepsNull = merge || subchart !== undefined;
      const withoutNulls = copying.withoutNulls && !keepsNull;
      const base = subchart
        ? copySection(subchart, ownValue, { ...copying, withoutNulls }, 0, current)
        : copyMap(ownValue, budget, withoutNulls);
      mergeTables(current, base, keepsNull, budget);
    }
  }
}

/** Passes a parent's globals down, which win over the subchart's (Helm's coalesceGlobals). */
function passGlobals(section: JsonObject, parent: JsonObject, { budget }: CoalesceOptions): void {
  const ownGlobals = Object.hasOwn(section, globalKey) ? section[globalKey] : {};
  const parentGlobals = Object.hasOwn(parent, globalKey) ? parent[globalKey] : {};
  if (!isObject(ownGlobals) || !isObject(parentGlobals)) return;
  for (const key of Object.keys(parentGlobals)) {
    chargeSteps(budget, 1);
    const value = getKey(parentGlobals, key) ?? null;
    const before = getKey(ownGlobals, key);
    if (isObject(value)) {
      const table = copyShallow(value, budget);
      if (before !== undefined && !isObject(before)) continue;
      if (before !== undefined) mergeTables(table, before, true, budget);
      setKey(ownGlobals, key, table);
    } else if (!isObject(before)) setKey(ownGlobals, key, value);
  }
  setKey(section, globalKey, ownGlobals);
}

/**
 * Fills a map with the values of another, which loses (Helm's coalesceTablesFullKey).
 * Both maps are changed, as in Helm.
 * @param keepsNull whether a null stays if the other map has a value; otherwise it removes the key
 */
export function mergeTables(
  over: JsonObject,
  base: JsonObject,
  keepsNull: boolean,
  budget: MergeBudget,
  depth = 0,
): void {
  checkDepth(depth);
  const removedKeys = new Set<string>();
  for (const key of Object.keys(over)) {
    if (getKey(over, key) !== null) continue;
    if (!keepsNull && (getKey(base, key) ?? null) !== null) removedKeys.add(key);
    setKey(base, key, null);
  }
  for (const key of Object.keys(base)) {
    chargeSteps(budget, 1);
    const value = getKey(base, key) ?? null;
    const winner = getKey(over, key);
    if (winner === null && removedKeys.has(key)) delete over[key];
    else if (winner === undefined) setKey(over, key, value);
    else if (isObject(value) && isObject(winner)) mergeTables(winner, value, keepsNull, budget, depth + 1);
  }
}
