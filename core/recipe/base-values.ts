import { getKey, isObject, type JsonObject, setKey } from '../yaml/json.ts';
import { assignEntries } from './compose-dependencies.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Computes the values of a node's source before the recipe configures anything.
 *
 * - Values of a subchart that a child takes out of the source under another name are copied to the new name.
 * - Values under a child's name that are not a map are removed: Helm fails on them.
 *
 * @returns the source's own object if nothing changes
 */
export function baseValues(node: ResolvedNode): JsonObject {
  return resolveSections(node.source.values, node);
}

/** A subchart's former name in its parent's values, and its new one. */
export interface Renaming {
  from: string;
  to: string;
}

/**
 * Finds children that were taken out of their parent's source under another name.
 * A child is left out while another child or a kept subchart has its former name.
 */
export function findRenamings({ source, children, kept }: ResolvedNode): Renaming[] {
  const extracted = children.filter(({ inside }) => inside);
  if (extracted.length === 0) return [];
  const available = source.dependencies.filter((entry) => !kept?.entries.has(entry));
  const former = new Map<ResolvedNode, string>();
  for (const [entry, child] of assignEntries(available, children))
    former.set(child, entry.alias || entry.name);
  const present = new Set([
    ...children.map(({ name }) => name),
    ...(kept?.subcharts ?? []).flatMap(({ names }) => names),
  ]);
  return extracted.flatMap((child) => {
    const from = former.get(child) ?? child.source.name;
    return present.has(from) ? [] : [{ from, to: child.name }];
  });
}

function resolveSections(values: JsonObject, node: ResolvedNode): JsonObject {
  let result = values;
  const copyOnce = (): JsonObject => {
    if (result === values) result = { ...values };
    return result;
  };
  for (const { from, to } of findRenamings(node)) {
    const section = getKey(values, from);
    const before = getKey(result, to);
    if (isObject(section))
      setKey(copyOnce(), to, isObject(before) ? addMissingKeys(before, section) : section);
  }
  for (const child of node.children) {
    const section = getKey(result, child.name);
    if (section === undefined) continue;
    if (!isObject(section)) {
      delete copyOnce()[child.name];
      continue;
    }
    const resolved = resolveSections(section, child);
    if (resolved !== section) setKey(copyOnce(), child.name, resolved);
  }
  return result;
}

/**
 * Adds keys that values lack, map by map.
 * @returns the same object if no key is missing
 */
export function addMissingKeys(values: JsonObject, additions: JsonObject): JsonObject {
  let result = values;
  for (const key of Object.keys(additions)) {
    const added = getKey(additions, key) ?? null;
    const current = getKey(values, key);
    const filled = isObject(current) && isObject(added) ? addMissingKeys(current, added) : (current ?? added);
    if (filled === current || current === null) continue;
    if (result === values) result = { ...values };
    setKey(result, key, filled);
  }
  return result;
}
