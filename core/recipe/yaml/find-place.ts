import { isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { splitPointer } from '../../yaml/json-pointer.ts';
import type { Place } from '../text-places.ts';
import { findAliasTargets } from './alias-targets.ts';
import type { YamlDocument } from './read-document.ts';
import { isMergeKey, keyName } from './scalar-value.ts';
import { startOffsetOf } from './to-json.ts';

/** Node of a document with the key that leads to it; an item of a list has none. */
interface FoundNode {
  node: unknown;
  key?: unknown;
}

/** Map with its own keys by their names, and the values of its merge keys. */
interface IndexedMap {
  own: ReadonlyMap<string, FoundNode>;
  merged: readonly unknown[];
}

/**
 * Largest number of keys and merged maps that searches examine: a second's work, and more than a hand-written recipe
 * has.
 */
const maxSteps = 1_000_000;

/**
 * Creates the function that finds the places of pointers in a document.
 * - A text, number or other scalar: where it begins.
 * - A map or list: its key; in a list, where it begins.
 * - A key that is missing: the place of the map that lacks it.
 *
 * Behind an alias or a merge key, the place is where the value is written.
 * @returns takes a pointer, and whether the fault is the key's itself, such as an unknown one
 */
export function createPlaceFinder({ document, placeOf }: YamlDocument) {
  const targets = findAliasTargets(document.contents);
  const indexed = new Map<YAMLMap, IndexedMap>();
  let stepsLeft = maxSteps;

  return (pointer: string, of: 'key' | 'value' = 'value'): Place => {
    let found: FoundNode = { node: document.contents };
    let isWhole = true;
    for (const token of splitPointer(pointer) ?? []) {
      const inner = step(resolve(found.node), token);
      isWhole = inner !== undefined;
      if (!inner) break;
      found = inner;
    }
    const { node, key } = found;
    const isOfKey = key !== undefined && (of === 'key' || !isWhole || !isScalar(node));
    return placeOf(startOffsetOf(isOfKey ? key : node));
  };

  function resolve(node: unknown): unknown {
    return isAlias(node) ? targets.get(node) : node;
  }

  function step(node: unknown, token: string): FoundNode | undefined {
    if (isMap(node)) return stepIntoMap(node, token);
    if (!isSeq(node) || !/^\d+$/.test(token)) return undefined;
    const item = node.items[Number(token)];
    return item === undefined ? undefined : { node: item };
  }

  /** Searches a map, then what it merges, in order; each map once, because merges that share maps double with each level. */
  function stepIntoMap(map: YAMLMap, token: string): FoundNode | undefined {
    const searched = new Set<YAMLMap>();
    const open: unknown[] = [map];
    while (open.length > 0) {
      const next = resolve(open.pop());
      if (!isMap(next) || searched.has(next)) continue;
      searched.add(next);
      stepsLeft -= 1;
      if (stepsLeft < 0) return undefined;
      const { own, merged } = indexed.get(next) ?? indexMap(next);
      const found = own.get(token);
      if (found) return found;
      for (const value of merged.toReversed()) openMerged(value, open);
    }
    return undefined;
  }

  function indexMap(map: YAMLMap): IndexedMap {
    const own = new Map<string, FoundNode>();
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      stepsLeft -= 1;
      if (stepsLeft < 0) break;
      const name = isMergeKey(key) ? undefined : nameOf(key);
      if (isMergeKey(key)) merged.push(value);
      else if (name !== undefined) own.set(name, { node: value, key });
    }
    const index = { own, merged };
    indexed.set(map, index);
    return index;
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
    // A key that Helm reads in another way was let pass where only the recipe reads it.
    return 'name' in known ? known.name : scalar.source;
  }
}
