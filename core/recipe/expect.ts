import { RegistryError } from '../errors.ts';
import { suggestName } from '../runtime/nearest-name.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { appendPointer } from './pointer.ts';

/** A value in the request's body and where it stands. */
export interface Located {
  value: Json | undefined;
  pointer: string;
}

/** The error of every fault in a recipe; `fault` follows the pointer in the message. */
export function invalidRecipe(pointer: string, fault: string): RegistryError {
  return new RegistryError('recipe.invalid', `${pointer || 'the body'} ${fault}`, { pointer });
}

/** The value of a map's own key, with its pointer. */
export function locate(parent: JsonObject, parentPointer: string, key: string): Located {
  return { value: getKey(parent, key), pointer: appendPointer(parentPointer, key) };
}

/**
 * Refuses keys that the format does not have: passed over, a typing error would change what is made without a word.
 * @param ignored keys that are taken, but that nobody is told of
 * @throws {RegistryError} `recipe.invalid` with the pointer of the first unknown key, and the nearest known one
 */
export function expectKnownKeys(
  object: JsonObject,
  pointer: string,
  known: readonly string[],
  ignored: readonly string[] = [],
): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key) && !ignored.includes(key));
  if (unknown === undefined) return;
  throw invalidRecipe(
    appendPointer(pointer, unknown),
    `is no key that a recipe has here. ${suggestName(unknown, known)}`,
  );
}

/** @throws {RegistryError} `recipe.invalid` when the value is absent or not a map. */
export function expectObject({ value, pointer }: Located, what: string): JsonObject {
  if (isObject(value)) return value;
  throw unexpected({ value, pointer }, `an object ${what}`);
}

/** @throws {RegistryError} `recipe.invalid` when the value is absent or not a string. */
export function expectString({ value, pointer }: Located, what: string): string {
  if (typeof value === 'string') return value;
  throw unexpected({ value, pointer }, `a string, ${what}`);
}

/** @throws {RegistryError} `recipe.invalid` when the value is absent or neither true nor false. */
export function expectBoolean({ value, pointer }: Located, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpected({ value, pointer }, `true or false: ${what}`);
}

/** Like {@link expectString}, and the string must also pass `test`. */
export function expectMatch(located: Located, what: string, test: (text: string) => boolean): string {
  const text = expectString(located, what);
  if (test(text)) return text;
  throw invalidRecipe(located.pointer, `must be ${what}, not ${quote(text)}`);
}

/** Text of a client's, cut to what a message can bear. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}

function unexpected({ value, pointer }: Located, expected: string): RegistryError {
  return value === undefined
    ? invalidRecipe(pointer, `is missing: it must be ${expected}`)
    : invalidRecipe(pointer, `must be ${expected}, not ${describeKind(value)}`);
}

/** Names the kind of a value for people. */
export function describeKind(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a string' : typeof value === 'number' ? 'a number' : 'true or false';
}
