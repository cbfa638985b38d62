import { mergePatch } from '../recipe/merge-patch.ts';
import { readBodyObject } from '../recipe/read-body.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import type { ObjectText } from './messages.ts';

/**
 * Reads a JSON object and writes it as text again, without white space.
 * @param fields keys of which the caller must know the values
 * @throws {RegistryError} as `readBodyObject`
 */
export function readObjectText(text: string, fields: readonly string[]): ObjectText {
  return toObjectText(readBodyObject(text), fields);
}

/**
 * Applies JSON merge patches to a JSON object, one after another.
 * @param texts the object and the patches, as the database has them or as `readObjectText` has written them
 * @param fields keys of which the caller must know the values afterwards
 */
export function patchObjectText(texts: readonly string[], fields: readonly string[]): ObjectText {
  const [object = null, ...patches] = texts.map((text): Json => JSON.parse(text));
  const patched = patches.reduce(mergePatch, object);
  if (!isObject(patched)) throw new Error('a patched object is none');
  return toObjectText(patched, fields);
}

function toObjectText(object: JsonObject, fields: readonly string[]): ObjectText {
  return {
    text: JSON.stringify(object),
    fields: Object.fromEntries(fields.map((field) => [field, getKey(object, field)])),
  };
}
