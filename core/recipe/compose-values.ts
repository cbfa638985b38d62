import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { baseValues } from './base-values.ts';
import type { ValuesMode } from './recipe.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Computes the values of the new chart's root, by the rules of `save.values`.
 *
 * - `merge`: the root source's values (`baseValues`), overridden by the root's configuration, and under each child's
 *   name by the child's configuration, at every depth. Maps merge, anything else replaces, null removes. A null below
 *   a child's name also removes the child's own default, see {@link pruneValues}: Helm 3 would obey a null written in
 *   values.yaml, Helm 4 would not.
 * - `replace`: like `merge`, but starts from no values.
 * - `literal`: each node's configuration under a key `_config` at the node's place.
 *
 * New keys are sorted by name, so the order of a client's keys changes nothing.
 */
export function composeValues(root: ResolvedNode, mode: ValuesMode): JsonObject {
  if (mode === 'literal') return literalValues(root);
  return mergeRootConfig(mode === 'merge' ? baseValues(root) : {}, root);
}

function literalValues(node: ResolvedNode): JsonObject {
  const values: JsonObject = {};
  if (node.config) values._config = sortKeysDeeply(node.config);
  for (const child of node.children) setKey(values, child.name, literalValues(child));
  return values;
}

/** Treatment of a null: remove the key, keep the null, or keep it only if it removes nothing here. */
type NullTreatment = 'remove' | 'keep' | 'pass on';

function mergeRootConfig(defaults: JsonObject, root: ResolvedNode): JsonObject {
  const values = { ...defaults };
  const children = new Set(root.children.map(({ name }) => name));
  for (const [key, value] of entriesByName(root.config)) {
    // Helm passes `global` down, so a null that removes nothing here may remove a value further down.
    overrideKey(
      values,
      key,
      value,
      key === 'global' && !children.has(key) && value !== null ? 'pass on' : 'remove',
    );
  }
  for (const child of root.children) mergeChildConfig(values, child);
  return values;
}

/** Merges a child's configuration, and its children's, into the section of its name. */
function mergeChildConfig(values: JsonObject, child: ResolvedNode): void {
  const current = getKey(values, child.name);
  const section = isObject(current) ? { ...current } : {};
  for (const [key, value] of entriesByName(child.config)) overrideKey(section, key, value, 'remove');
  for (const grandchild of child.children) mergeChildConfig(section, grandchild);
  // Helm fails on anything but a map under the name of a subchart, null included.
  if (isObject(current) || Object.keys(section).length > 0) setKey(values, child.name, section);
  else delete values[child.name];
}

/** Merges the configurations of a node and all nodes below it into one tree. Nulls stay. */
export function configTree(node: ResolvedNode): JsonObject {
  const tree: JsonObject = {};
  for (const [key, value] of entriesByName(node.config)) overrideKey(tree, key, value, 'keep');
  for (const child of node.children) {
    const below = configTree(child);
    if (Object.keys(below).length > 0) overrideKey(tree, child.name, below, 'keep');
  }
  return tree;
}

/**
 * Removes the keys of a chart's own values that the recipe sets to null.
 * @returns the same object if none is removed
 */
export function pruneValues(values: JsonObject, config: Json | undefined): JsonObject {
  if (!isObject(config)) return values;
  let pruned = values;
  for (const [key, value] of Object.entries(config)) {
    const current = getKey(values, key);
    if (current === undefined) continue;
    const rest = isObject(value) && isObject(current) ? pruneValues(current, value) : current;
    if (value !== null && rest === current) continue;
    if (pruned === values) pruned = { ...values };
    if (value === null) delete pruned[key];
    else setKey(pruned, key, rest);
  }
  return pruned;
}

function overrideKey(values: JsonObject, key: string, value: Json, nulls: NullTreatment): void {
  const current = getKey(values, key);
  if (value === null) {
    if (nulls === 'keep' || (nulls === 'pass on' && current === undefined)) setKey(values, key, null);
    else delete values[key];
  } else if (isObject(value)) {
    const merged = isObject(current) ? { ...current } : {};
    for (const [inner, content] of entriesByName(value)) overrideKey(merged, inner, content, nulls);
    setKey(values, key, merged);
  } else {
    setKey(values, key, sortKeysDeeply(value));
  }
}

function entriesByName(map: JsonObject | undefined): [string, Json][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Copies a value with the keys of all maps sorted, and 0 for negative zero, which JSON does not keep. */
function sortKeysDeeply(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeysDeeply);
  if (!isObject(value)) return value === 0 ? 0 : value;
  const sorted: JsonObject = {};
  for (const [key, content] of entriesByName(value)) setKey(sorted, key, sortKeysDeeply(content));
  return sorted;
}
