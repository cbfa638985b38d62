import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { RegistryError } from '../../errors.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../../yaml/json.ts';
import { appendPointer } from '../../yaml/json-pointer.ts';
import { describePlace } from '../text-places.ts';
import type { YamlDocument } from './read-document.ts';
import { chargeMerge, copyWithin, createRepeatBudget } from './repeat-budget.ts';
import { isFollowKey, isMergeKey, keyName, scalarValue } from './scalar-value.ts';
import { yamlValueError } from './yaml-fault.ts';

/**
 * Converts a document to JSON, with aliases copied and maps merged.
 * @throws {RegistryError} `request.notYaml`, `request.duplicateKey`, with pointer, line and column
 */
export function toJson({ document, placeOf }: YamlDocument): Json {
  const anchors = new Map<string, Json | undefined>();
  const budget = createRepeatBudget();

  function fail(node: unknown, pointer: string, fault: string): RegistryError {
    return yamlValueError(pointer, placeOf(startOffsetOf(node)), fault);
  }

  function convert(node: unknown, pointer: string): Json {
    if (isAlias(node)) return convertAlias(node, pointer);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    const { anchor } = node;
    if (anchor !== undefined) anchors.set(anchor, undefined);
    const value = isScalar(node)
      ? convertScalar(node, pointer)
      : isMap(node)
        ? convertMap(node, pointer)
        : convertList(node, pointer);
    // An anchor of the same name inside comes later in the text, so it stays.
    if (anchor !== undefined && anchors.get(anchor) === undefined) anchors.set(anchor, value);
    return value;
  }

  function convertAlias(alias: { source: string }, pointer: string): Json {
    const value = anchors.get(alias.source);
    if (value === undefined) {
      const fault = anchors.has(alias.source)
        ? `is the alias *${alias.source} inside of what it stands for. Write the value out`
        : `is the alias *${alias.source}, which has no anchor before it. Quote a text that begins with "*"`;
      throw fail(alias, pointer, fault);
    }
    const copy = copyWithin(value, budget);
    if (copy !== undefined) return copy;
    throw tooLarge(alias, pointer);
  }

  function tooLarge(node: unknown, pointer: string): RegistryError {
    return fail(node, pointer, 'makes the recipe too large: aliases repeat too much. Write less of it');
  }

  function convertScalar(node: Parameters<typeof scalarValue>[0], pointer: string): Json {
    const scalar = scalarValue(node);
    if ('value' in scalar) return scalar.value;
    throw fail(node, pointer, scalar.fault);
  }

  function convertList({ items }: YAMLSeq, pointer: string): Json[] {
    return items.map((item, index) => convert(item, appendPointer(pointer, index)));
  }

  function convertMap({ items }: YAMLMap, pointer: string): JsonObject {
    const own: JsonObject = {};
    const merged: JsonObject[] = [];
    const places = new Map<string, unknown>();
    for (const pair of items) {
      const { name, isMerge } = nameOf(pair, pointer);
      const place = appendPointer(pointer, name);
      if (places.has(name)) throw duplicate(pair, place, places.get(name));
      places.set(name, pair.key);
      // A list may have more maps than a call has arguments.
      if (isMerge) for (const map of mergedMaps(pair.value, place)) merged.push(map);
      else setKey(own, name, convert(pair.value, place));
    }
    for (const map of merged) {
      for (const [key, value] of Object.entries(map))
        if (getKey(own, key) === undefined) setKey(own, key, value);
    }
    return own;
  }

  function nameOf({ key }: Pair, pointer: string): { name: string; isMerge: boolean } {
    const isMerge = isMergeKey(key);
    if (isScalar(key)) {
      if (key.anchor !== undefined) anchors.set(key.anchor, convertScalar(key, pointer));
      if (isFollowKey(key, pointer)) return { name: 'on', isMerge };
      const known = keyName(key);
      if ('name' in known) return { name: known.name, isMerge };
      throw fail(key, pointer, known.fault);
    }
    const value = isAlias(key) ? convertAlias(key, pointer) : null;
    if (typeof value === 'string') return { name: value, isMerge };
    throw fail(key, pointer, 'has a key that is a map or a list. Quote a text that begins with "{" or "["');
  }

  function mergedMaps(node: unknown, pointer: string): JsonObject[] {
    const value = convert(node, pointer);
    const maps = Array.isArray(value) ? value : [value];
    if (maps.every(isObject)) {
      if (chargeMerge(maps, budget)) return maps;
      throw tooLarge(node, pointer);
    }
    throw fail(node, pointer, 'must be a map or a list of maps, which are merged into the map around it');
  }

  function duplicate({ key }: Pair, pointer: string, first: unknown): RegistryError {
    const place = placeOf(startOffsetOf(key));
    const before = describePlace(placeOf(startOffsetOf(first)));
    const fault = `occurs twice, first at ${before}: keep one of them`;
    return yamlValueError(pointer, place, fault, 'request.duplicateKey');
  }

  return convert(document.contents, '');
}

/** Returns the offset at which a node begins. */
export function startOffsetOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
