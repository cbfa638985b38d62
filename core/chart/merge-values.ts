import { RegistryError } from '../errors.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';

/** A major of Helm; the majors differ in nulls of a chart's values.yaml. */
export type HelmMajor = 3 | 4;

/** A chart whose values Helm merges, under the name that its parent uses. */
export interface ValuesChart {
  name: string;
  /** Own values, of values.yaml. */
  values: JsonObject;
  subcharts: ValuesChart[];
}

/** Settings of one merge. */
export interface Coalescing {
  major: HelmMajor;
  /** Whether nulls stay (Helm's MergeValues); otherwise they remove values below (Helm's CoalesceValues). */
  merge: boolean;
  work: Work;
  /** Called with the place of a subchart whose values are not a map, at which Helm fails. */
  onMismatch?: (path: readonly string[]) => void;
}

/** Steps that remain for a computation; values repeated by aliases and globals could otherwise grow without end. */
export interface Work {
  left: number;
}

/** Creates the budget of one computation: 2,000,000 steps. */
export function createWork(): Work {
  return { left: 2_000_000 };
}

const globalKey = 'global';

/**
 * Coalesces the values of a chart and its subcharts under given values, as Helm does.
 * Follows coalesce.go, which differs between the majors only in nulls. Given maps are changed in place, as in Helm,
 * because later subcharts see what earlier ones added to shared globals. Values of the charts are not changed. A
 * subchart whose values are not a map is left unchanged, and reported; null counts as an empty map.
 *
 * @param given becomes the result
 * @throws {RegistryError} `values.invalid` if merging takes too many steps
 */
export function coalesceUnder(chart: ValuesChart, given: JsonObject, how: Coalescing): JsonObject {
  coalesce(chart, given, how, []);
  return given;
}

function coalesce(chart: ValuesChart, dest: JsonObject, how: Coalescing, path: readonly string[]): void {
  addOwnValues(chart, dest, how);
  for (const subchart of chart.subcharts) {
    const found = getKey(dest, subchart.name);
    const below = [...path, subchart.name];
    if (found !== undefined && !isObject(found)) how.onMismatch?.(below);
    if (found !== undefined && found !== null && !isObject(found)) continue;
    const section = found ?? {};
    setKey(dest, subchart.name, section);
    passGlobals(section, dest, how);
    coalesce(subchart, section, how, below);
  }
}

/** Adds a chart's own values for keys that the given ones lack (Helm's coalesceValues). */
function addOwnValues(chart: ValuesChart, dest: JsonObject, { major, merge, work }: Coalescing): void {
  const cleans = major === 4 && !merge;
  for (const key of Object.keys(chart.values)) {
    const own = getKey(chart.values, key) ?? null;
    const given = getKey(dest, key);
    if (given === undefined) {
      if (own !== null || !cleans) setKey(dest, key, copyValue(own, work, cleans));
    } else if (given === null) {
      if (!merge) delete dest[key];
    } else if (isObject(given) && isObject(own)) {
      const keepsNull = merge || chart.subcharts.some(({ name }) => name === key);
      mergeTables(given, copyMap(own, work, cleans && !keepsNull), keepsNull, work);
    }
  }
}

/** Passes a parent's globals down, which win over the subchart's (Helm's coalesceGlobals). */
function passGlobals(section: JsonObject, parent: JsonObject, { work }: Coalescing): void {
  const own = Object.hasOwn(section, globalKey) ? section[globalKey] : {};
  const given = Object.hasOwn(parent, globalKey) ? parent[globalKey] : {};
  if (!isObject(own) || !isObject(given)) return;
  for (const key of Object.keys(given)) {
    spend(work, 1);
    const value = getKey(given, key) ?? null;
    const before = getKey(own, key);
    if (isObject(value)) {
      const table = copyShallow(value, work);
      if (before !== undefined && !isObject(before)) continue;
      if (before !== undefined) mergeTables(table, before, true, work);
      setKey(own, key, table);
    } else if (!isObject(before)) setKey(own, key, value);
  }
  setKey(section, globalKey, own);
}

/**
 * Fills a map with the values of another, which loses (Helm's coalesceTablesFullKey).
 * Both maps are changed, as in Helm.
 * @param keepsNull whether a null stays if the other map has a value; otherwise it removes the key
 */
export function mergeTables(over: JsonObject, base: JsonObject, keepsNull: boolean, work: Work): void {
  const stated = new Set(Object.keys(base).filter((key) => base[key] !== null));
  for (const key of Object.keys(over)) if (getKey(over, key) === null) setKey(base, key, null);
  for (const key of Object.keys(base)) {
    spend(work, 1);
    const value = getKey(base, key) ?? null;
    const winner = getKey(over, key);
    if (winner === null && !keepsNull && stated.has(key)) delete over[key];
    else if (winner === undefined) setKey(over, key, value);
    else if (isObject(value) && isObject(winner)) mergeTables(winner, value, keepsNull, work);
  }
}

/** Copies a map and all maps in it; lists are shared, because Helm never changes them. */
export function copyMap(map: JsonObject, work: Work, withoutNulls = false): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(map)) {
    const value = getKey(map, key) ?? null;
    if (value !== null || !withoutNulls) setKey(result, key, copyValue(value, work, withoutNulls));
  }
  return result;
}

function copyValue(value: Json, work: Work, withoutNulls: boolean): Json {
  spend(work, 1);
  return isObject(value) ? copyMap(value, work, withoutNulls) : value;
}

function copyShallow(table: JsonObject, work: Work): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(table)) {
    spend(work, 1);
    setKey(result, key, getKey(table, key) ?? null);
  }
  return result;
}

/**
 * Takes steps from the budget.
 * @throws {RegistryError} `values.invalid` if none remain
 */
export function spend(work: Work, amount: number): void {
  work.left -= amount;
  if (work.left < 0) {
    throw new RegistryError(
      'values.invalid',
      'The values are too large once those of the subcharts are merged in',
    );
  }
}
