import { getKey, isObject, type JsonObject, setKey } from '../yaml/json.ts';
import { claimEntries } from './compose-dependencies.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * The values of a node's source, as they are before the recipe configures anything:
 *
 * - values for a subchart that a child takes out of the source under another name stand under that name too;
 * - values under the name of a child that are no map are gone: Helm fails on them.
 *
 * @returns the source's own object where nothing of that is so
 */
export function baseValues(node: ResolvedNode): JsonObject {
  return settleSections(node.source.values, node);
}

/** A subchart's former name in its parent's values, and its new one. */
export interface Renaming {
  from: string;
  to: string;
}

/** Children that were taken out of their parent's source under another name, unless somebody else has the old one. */
export function findRenamings({ source, children, kept }: ResolvedNode): Renaming[] {
  const taken = children.filter(({ inside }) => inside);
  if (taken.length === 0) return [];
  const free = source.dependencies.filter((entry) => !kept?.entries.has(entry));
  const former = new Map<ResolvedNode, string>();
  for (const [entry, child] of claimEntries(free, children)) former.set(child, entry.alias || entry.name);
  const present = new Set([
    ...children.map(({ name }) => name),
    ...(kept?.subcharts ?? []).flatMap(({ names }) => names),
  ]);
  return taken.flatMap((child) => {
    const from = former.get(child) ?? child.source.name;
    return present.has(from) ? [] : [{ from, to: child.name }];
  });
}

function settleSections(values: JsonObject, node: ResolvedNode): JsonObject {
  let result = values;
  const change = (): JsonObject => {
    if (result === values) result = { ...values };
    return result;
  };
  for (const { from, to } of findRenamings(node)) {
    const section = getKey(values, from);
    const before = getKey(result, to);
    if (isObject(section)) setKey(change(), to, isObject(before) ? fillUnder(before, section) : section);
  }
  for (const child of node.children) {
    const section = getKey(result, child.name);
    if (section === undefined) continue;
    if (!isObject(section)) {
      delete change()[child.name];
      continue;
    }
    const settled = settleSections(section, child);
    if (settled !== section) setKey(change(), child.name, settled);
  }
  return result;
}

/** Adds what values lack, maps by maps; the very same where they lack nothing. */
export function fillUnder(values: JsonObject, filling: JsonObject): JsonObject {
  let result = values;
  for (const key of Object.keys(filling)) {
    const added = getKey(filling, key) ?? null;
    const given = getKey(values, key);
    const filled = isObject(given) && isObject(added) ? fillUnder(given, added) : (given ?? added);
    if (filled === given || given === null) continue;
    if (result === values) result = { ...values };
    setKey(result, key, filled);
  }
  return result;
}
