import { isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { splitPointer } from '../../yaml/json-pointer.ts';
import { findAliasTargets } from './alias-targets.ts';
import type { YamlDocument } from './read-document.ts';
import { isMergeKey, keyName } from './scalar-value.ts';
import { startOf } from './to-json.ts';
import type { Place } from './yaml-fault.ts';

/** Node of a document with the key that leads to it; an item of a list has none. */
interface Found {
  node: unknown;
  key?: unknown;
}

/** Largest number of keys that one search looks at: a second's work, and more than a recipe of people has. */
const maxKeys = 1_000_000;

/**
 * Finds the place of a pointer in a document.
 * - A text, number or other scalar: where it begins.
 * - A map or list: its key; in a list, where it begins.
 * - A key that is missing: the place of the map that lacks it.
 *
 * Behind an alias or a merge key, the place is where the value is written.
 * @param of whether the fault is the key's itself, such as an unknown one
 */
export function findPlace({ document, placeOf }: YamlDocument, pointer: string, of: 'key' | 'value'): Place {
  const targets = findAliasTargets(document.contents);
  let keysLeft = maxKeys;
  let found: Found = { node: document.contents };
  let isWhole = true;
  for (const token of splitPointer(pointer) ?? []) {
    const inner = step(resolve(found.node), token);
    isWhole = inner !== undefined;
    if (!inner) break;
    found = inner;
  }
  const { node, key } = found;
  const isOfKey = key !== undefined && (of === 'key' || !isWhole || !isScalar(node));
  return placeOf(startOf(isOfKey ? key : node));

  function resolve(node: unknown): unknown {
    return isAlias(node) ? targets.get(node) : node;
  }

  function step(node: unknown, token: string): Found | undefined {
    if (isMap(node)) return stepIntoMap(node, token);
    if (!isSeq(node) || !/^\d+$/.test(token)) return undefined;
    const item = node.items[Number(token)];
    return item === undefined ? undefined : { node: item };
  }

  /** Searches a map, then what it merges, in order; each map once, because merges that share maps double with each level. */
  function stepIntoMap(map: YAMLMap, token: string): Found | undefined {
    const searched = new Set<YAMLMap>();
    const open: unknown[] = [map];
    while (open.length > 0) {
      const next = resolve(open.pop());
      if (!isMap(next) || searched.has(next)) continue;
      searched.add(next);
      const merged: unknown[] = [];
      for (const { key, value } of next.items) {
        keysLeft -= 1;
        if (keysLeft < 0) return undefined;
        if (isMergeKey(key)) merged.push(value);
        else if (nameOf(key) === token) return { node: value, key };
      }
      for (const value of merged.reverse()) openMerged(value, open);
    }
    return undefined;
  }

  /** Puts the maps of a merge key on the stack, the first on top. */
  function openMerged(value: unknown, open: unknown[]): void {
    const target = resolve(value);
    if (isSeq(target)) for (const item of target.items.toReversed()) open.push(item);
    else open.push(target);
  }

  function nameOf(key: unknown): string | undefined {
    const scalar = resolve(key);
    if (!isScalar(scalar)) return undefined;
    const known = keyName(scalar);
    return 'name' in known ? known.name : undefined;
  }
}
