import type { Chart } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import { findValueAt } from '../chart/enabled-charts.ts';
import { checkDepth, checkDepthOfAll } from '../chart/merge-budget.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { baseValues } from './base-values.ts';
import { composeDependencies } from './compose-dependencies.ts';
import type { ValuesMode } from './recipe.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Finds nulls of a configuration that must be written into the chart's values.yaml.
 * Without such a null, an import from a subchart (`import-values`) would bring back the value that it removes. Helm
 * lays imports beneath the chart's own values, null included, and Helm 4 removes the null afterwards.
 *
 * @param mode only `merge` can have such nulls; otherwise all imported values come from the recipe
 * @param config the recipe's configuration at the chart's place and below
 * @param chart makes the chart as its sources have it; called only if there is a null
 */
export function findRequiredNulls(
  mode: ValuesMode,
  config: Json | undefined,
  chart: () => Chart,
): JsonObject {
  return mode === 'merge' && hasNull(config) ? nullsOverImportedValues(config, importedValues(chart())) : {};
}

/** Sets nulls in values from which they were removed. */
export function addRequiredNulls(values: JsonObject, nulls: JsonObject): JsonObject {
  const keys = Object.keys(nulls).sort();
  if (keys.length === 0) return values;
  const result = { ...values };
  for (const key of keys) {
    const inner = getKey(nulls, key);
    const current = getKey(result, key);
    setKey(result, key, isObject(inner) ? addRequiredNulls(isObject(current) ? current : {}, inner) : null);
  }
  return result;
}

/** Makes the chart of a node as if the recipe configured nothing. */
export function toUnconfiguredChart(node: ResolvedNode): Chart {
  const { name, source, children, kept } = node;
  return {
    ...source,
    name,
    values: baseValues(node),
    dependencies: composeDependencies(source.dependencies, children, kept),
    subcharts: [...children.map(toUnconfiguredChart), ...(kept?.subcharts ?? []).map(({ chart }) => chart)],
  };
}

/**
 * Computes the values that a chart imports, by Helm's rules.
 * An item `data` is short for `{child: exports.data, parent: .}`.
 * @throws {RegistryError} `values.invalid` if they have too many levels
 */
export function importedValues(chart: Chart): JsonObject {
  const entries = chart.dependencies.filter((entry) => Array.isArray(entry['import-values']));
  const imported: JsonObject = {};
  if (entries.length === 0) return imported;
  const values = coalesceValues(chart);
  // Several entries may name one subchart. Its imports are computed once, or each level would multiply the work.
  const importsOf = new Map<string, JsonObject>();
  for (const { name, alias, 'import-values': items } of entries) {
    const child = chart.subcharts.find((subchart) => subchart.name === name);
    const below = importsOf.get(name) ?? (child ? importedValues(child) : {});
    importsOf.set(name, below);
    const section = getKey(values, alias || name);
    const all = mergeOver(below, isObject(section) ? section : {});
    for (const item of Array.isArray(items) ? items : []) {
      const { child: from, parent: to } = isObject(item) ? item : { child: `exports.${item}`, parent: '.' };
      const table = findValueAt(all, String(from).split('.'));
      const path = to === '.' ? [] : String(to).split('.');
      checkDepth(path.length);
      if (isObject(table)) mergeAtPath(imported, path, table);
    }
  }
  checkDepthOfAll(imported);
  return imported;
}

function mergeAtPath(values: JsonObject, [key, ...path]: string[], table: JsonObject): void {
  if (key === undefined) {
    for (const [name, value] of Object.entries(mergeOver(values, table))) setKey(values, name, value);
    return;
  }
  const current = getKey(values, key);
  const inner = isObject(current) ? { ...current } : {};
  mergeAtPath(inner, path, table);
  setKey(values, key, inner);
}

/** Merges two maps of values, map by map; `over` wins. */
export function mergeOver(under: JsonObject, over: JsonObject): JsonObject {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const current = getKey(result, key);
    setKey(result, key, isObject(current) && isObject(value) ? mergeOver(current, value) : value);
  }
  return result;
}

function hasNull(value: Json | undefined): boolean {
  return value === null || (isObject(value) && Object.values(value).some(hasNull));
}

function nullsOverImportedValues(config: Json | undefined, imported: JsonObject): JsonObject {
  const shared: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(config) ? config : {})) {
    const other = getKey(imported, key);
    if (value === null && other !== undefined) setKey(shared, key, null);
    if (!isObject(value) || !isObject(other)) continue;
    const inner = nullsOverImportedValues(value, other);
    if (Object.keys(inner).length > 0) setKey(shared, key, inner);
  }
  return shared;
}
