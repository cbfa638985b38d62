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
export interface CoalesceOptions {
  major: HelmMajor;
  /** Whether nulls stay (Helm's MergeValues); otherwise they remove values below (Helm's CoalesceValues). */
  merge: boolean;
  budget: MergeBudget;
  /** Called with the place of a subchart whose values are not a map, at which Helm fails. */
  onMismatch?: (path: readonly string[]) => void;
}

/** Steps that remain for a computation. Values repeated by aliases and globals could otherwise grow without end. */
export interface MergeBudget {
  remaining: number;
}

/** Creates the budget of one computation: 2,000,000 steps. */
export function createMergeBudget(): MergeBudget {
  return { remaining: 2_000_000 };
}

const globalKey = 'global';

/** Largest depth of merged maps. A values.yaml has at most 200 levels; subcharts and imports add some. */
const maxValuesDepth = 500;

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
  coalesce(chart, overrides, options, []);
  // The section of a chart called `global` is also the globals of its parent, so a map can come into itself.
  if (holdsChartNamedGlobal(chart)) checkDepthOfAll(overrides);
  return overrides;
}

function holdsChartNamedGlobal({ subcharts }: ValuesChart): boolean {
  return subcharts.some((subchart) => subchart.name === globalKey || holdsChartNamedGlobal(subchart));
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
function addOwnValues(chart: ValuesChart, dest: JsonObject, { major, merge, budget }: CoalesceOptions): void {
  const removesNulls = major === 4 && !merge;
  for (const key of Object.keys(chart.values)) {
    const ownValue = getKey(chart.values, key) ?? null;
    const current = getKey(dest, key);
    if (current === undefined) {
      if (ownValue !== null || !removesNulls) setKey(dest, key, copyValue(ownValue, budget, removesNulls));
    } else if (current === null) {
      if (!merge) delete dest[key];
    } else if (isObject(current) && isObject(ownValue)) {
      const keepsNull = merge || chart.subcharts.some(({ name }) => name === key);
      mergeTables(current, copyMap(ownValue, budget, removesNulls && !keepsNull), keepsNull, budget);
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

function copyValue(value: Json, budget: MergeBudget, withoutNulls: boolean): Json {
  chargeSteps(budget, 1);
  return isObject(value) ? copyMap(value, budget, withoutNulls) : value;
}

function copyShallow(table: JsonObject, budget: MergeBudget): JsonObject {
  chargeSteps(budget, Object.keys(table).length);
  return { ...table };
}

/**
 * Charges a budget with steps.
 * @throws {RegistryError} `values.invalid` if none remain
 */
export function chargeSteps(budget: MergeBudget, amount: number): void {
  budget.remaining -= amount;
  if (budget.remaining < 0) {
    throw new RegistryError(
      'values.invalid',
      'The values are too large once those of the subcharts are merged in',
    );
  }
}

/**
 * Checks the depth of merged maps. Helm shares maps between the places that import them, so a map can come into itself;
 * Helm then recurses without end.
 * @throws {RegistryError} `values.invalid`
 */
export function checkDepth(depth: number): void {
  if (depth <= maxValuesDepth) return;
  throw new RegistryError(
    'values.invalid',
    `The values contain themselves, or have more than ${maxValuesDepth} levels, once import-values and globals are applied. Import no map into a place within itself.`,
  );
}

/**
 * Checks the depth of all maps in values, see {@link checkDepth}.
 * @throws {RegistryError} `values.invalid`
 */
export function checkDepthOfAll(values: JsonObject): void {
  const budget = createMergeBudget();
  const visit = (map: JsonObject, depth: number): void => {
    checkDepth(depth);
    chargeSteps(budget, 1);
    for (const key of Object.keys(map)) {
      const value = getKey(map, key);
      if (isObject(value)) visit(value, depth + 1);
    }
  };
  visit(values, 0);
}
