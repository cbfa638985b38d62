import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { splitPointer } from '../../yaml/json-pointer.ts';
import type { YamlDocument } from './read-document.ts';
import { keyName } from './scalar-value.ts';
import { startOf } from './to-json.ts';
import type { Place } from './yaml-fault.ts';

/** Node of a document with the key that leads to it; an item of a list has none. */
interface Found {
  node: unknown;
  key?: unknown;
}

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
    return isAlias(node) ? node.resolve(document) : node;
  }

  function step(node: unknown, token: string): Found | undefined {
    if (isMap(node)) return stepIntoMap(node, token);
    if (!isSeq(node) || !/^\d+$/.test(token)) return undefined;
    const item = node.items[Number(token)];
    return item === undefined ? undefined : { node: item };
  }

  function stepIntoMap({ items }: YAMLMap, token: string): Found | undefined {
    const own = items.find((pair) => nameOf(pair) === token);
    if (own) return { node: own.value, key: own.key };
    for (const pair of items) {
      if (nameOf(pair) !== '<<') continue;
      const value = resolve(pair.value);
      for (const map of isSeq(value) ? value.items : [value]) {
        const merged = step(resolve(map), token);
        if (merged) return merged;
      }
    }
    return undefined;
  }

  function nameOf({ key }: Pair): string | undefined {
    const scalar = resolve(key);
    if (!isScalar(scalar)) return undefined;
    const known = keyName(scalar);
    return 'name' in known ? known.name : undefined;
  }
}
