import { readBodyObject } from '../recipe/read-body.ts';
import { getKey } from '../yaml/json.ts';
import type { ObjectText } from './messages.ts';

/**
 * Reads a JSON object and writes it as text again, without white space.
 * @param fields keys of which the caller must know the values
 * @throws {RegistryError} as `readBodyObject`
 */
export function readObjectText(text: string, fields: readonly string[]): ObjectText {
  const object = readBodyObject(text);
  return {
    text: JSON.stringify(object),
    fields: Object.fromEntries(fields.map((field) => [field, getKey(object, field)])),
  };
}
