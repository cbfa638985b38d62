import { RegistryError } from '../errors.ts';
import type { Chart } from './chart.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from './json.ts';

/** What may still be done; values that repeat by aliases and globals could otherwise grow without end. */
interface Work {
  left: number;
}

/** A chart as its parent sees it: by its alias where it has one. */
interface Level {
  name: string;
  chart: Chart;
  /** Whether Helm looks at what the chart declares: it goes no further down than to a chart that declares nothing. */
  declares: boolean;
}

const globalKey = 'global';

/**
 * The values of a chart with those of its subcharts under their names, and `global` at every level, as Helm 3's
 * chartutil.CoalesceValues gives them when the user sets nothing: a parent's section for a subchart wins over the
 * subchart's own values. A subchart that is declared with an alias stands under the alias, once for each. Conditions and
 * tags are not evaluated: whatever is inside counts. Where a parent has something other than a map for a subchart, which
 * Helm says at install and not at load, that is left as it is.
 *
 * Parts of the result may be shared with one another, and with the charts' own values; it is to be read only.
 *
 * @throws RegistryError `values.invalid` when the values grow beyond measure.
 */
export function coalesceValues(chart: Chart): JsonObject {
  const values: JsonObject = {};
  coalesce({ name: chart.name, chart, declares: chart.dependencies.length > 0 }, values, { left: 2_000_000 });
  return values;
}

function coalesce(level: Level, values: JsonObject, work: Work): void {
  const children = findChildren(level, work);
  addOwnValues(level.chart, new Set(children.map((child) => child.name)), values, work);
  for (const child of children) {
    const section = getKey(values, child.name);
    if (section !== undefined && !isObject(section)) continue;
    const own = section ?? {};
    setKey(values, child.name, own);
    passGlobals(own, values, work);
    coalesce(child, own, work);
  }
}

/** The charts inside, once for each alias that the parent declares; without one, under their own names. */
function findChildren({ chart, declares }: Level, work: Work): Level[] {
  const children: Level[] = [];
  for (const subchart of chart.subcharts) {
    const declared = chart.dependencies.filter(
      (dependency) =>
        declares && dependency.name === subchart.name && meant(chart, dependency.version, subchart),
    );
    const names = declared.map((dependency) => dependency.alias || subchart.name);
    for (const name of names.length > 0 ? names : [subchart.name]) {
      spend(work, 1);
      children.push({ name, chart: subchart, declares: declares && subchart.dependencies.length > 0 });
    }
  }
  return children;
}

/** Of several subcharts with one name, an exact version says which is meant. */
function meant(chart: Chart, version: string | undefined, subchart: Chart): boolean {
  const exact = chart.subcharts.some((other) => other.name === subchart.name && other.version === version);
  return !exact || subchart.version === version;
}

/** Helm's coalesceValues. */
function addOwnValues(chart: Chart, children: ReadonlySet<string>, values: JsonObject, work: Work): void {
  for (const key of Object.keys(chart.values)) {
    const given = chart.values[key] ?? null;
    // Only what is a subchart's, or everybody's, is still added to.
    if (!Object.hasOwn(values, key)) {
      spend(work, 1);
      setKey(values, key, children.has(key) || key === globalKey ? copy(given, work) : given);
      continue;
    }
    const own = copy(given, work);
    const value = getKey(values, key);
    if (value === null) delete values[key];
    else if (isObject(value) && isObject(own)) mergeTables(value, own, children.has(key), work);
  }
}

/** Helm's coalesceGlobals: the parent's globals win over the subchart's. */
function passGlobals(values: JsonObject, parent: JsonObject, work: Work): void {
  const own = getKey(values, globalKey) ?? {};
  const given = getKey(parent, globalKey) ?? {};
  if (getKey(values, globalKey) === null || getKey(parent, globalKey) === null) return;
  if (!isObject(own) || !isObject(given)) return;
  for (const key of Object.keys(given)) {
    spend(work, 1);
    const value = getKey(given, key) ?? null;
    const before = getKey(own, key);
    if (isObject(value)) {
      const table = shallowCopy(value, work);
      if (before === undefined) setKey(own, key, table);
      else if (isObject(before)) {
        mergeTables(table, before, true, work);
        setKey(own, key, table);
      }
    } else if (!isObject(before)) setKey(own, key, value);
  }
  setKey(values, globalKey, own);
}

/** Helm's coalesceTablesFullKey: `over` wins and is filled up; null removes a key unless `keepNull`. */
function mergeTables(over: JsonObject, base: JsonObject, keepNull: boolean, work: Work): void {
  const stated = new Set(Object.keys(base).filter((key) => base[key] !== null));
  for (const key of Object.keys(over)) if (getKey(over, key) === null) setKey(base, key, null);
  for (const key of Object.keys(base)) {
    spend(work, 1);
    const value = getKey(base, key) ?? null;
    const winner = getKey(over, key);
    if (winner === null && !keepNull && stated.has(key)) delete over[key];
    else if (winner === undefined) setKey(over, key, value);
    else if (isObject(value) && isObject(winner)) mergeTables(winner, value, keepNull, work);
  }
}

function copy(value: Json, work: Work): Json {
  spend(work, 1);
  if (Array.isArray(value)) return value.map((item) => copy(item, work));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) setKey(result, key, copy(getKey(value, key) ?? null, work));
  return result;
}

function shallowCopy(table: JsonObject, work: Work): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(table)) {
    spend(work, 1);
    setKey(result, key, getKey(table, key) ?? null);
  }
  return result;
}

function spend(work: Work, amount: number): void {
  work.left -= amount;
  if (work.left < 0) {
    throw new RegistryError(
      'values.invalid',
      'The values are too large once those of the subcharts are merged in',
    );
  }
}
