import { RegistryError } from '../errors.ts';
import { suggestName } from '../runtime/nearest-name.ts';
import { getKey, isObject, type Json, type JsonObject } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';

/** A value of the request's body with its JSON pointer. */
export interface Located {
  value: Json | undefined;
  pointer: string;
}

/** Makes the error `recipe.invalid`; `fault` follows the pointer in the message. */
export function invalidRecipe(pointer: string, fault: string): RegistryError {
  return new RegistryError('recipe.invalid', `${pointer || 'the body'} ${fault}`, { pointer });
}

const keyFaults = new WeakSet<RegistryError>();

/** Makes the error of a key that must not be there, whatever its value. */
export function invalidKey(pointer: string, fault: string): RegistryError {
  const error = invalidRecipe(pointer, fault);
  keyFaults.add(error);
  return error;
}

/** Tells whether an error is about a key and not about its value. The place in a text depends on that. */
export function isKeyFault(error: unknown): boolean {
  return error instanceof RegistryError && keyFaults.has(error);
}

/** Reads a map's own key, with its pointer. */
export function locateKey(parent: JsonObject, parentPointer: string, key: string): Located {
  return { value: getKey(parent, key), pointer: appendPointer(parentPointer, key) };
}

/**
 * Refuses unknown keys: ignored, a typing error would silently change the result.
 * @param ignored keys that are accepted, but not suggested in the message
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
  throw invalidKey(
    appendPointer(pointer, unknown),
    `is not a key of a recipe here. ${suggestName(unknown, known)}`,
  );
}

/**
 * Returns a value that must be an object.
 * @throws {RegistryError} `recipe.invalid` if the value is absent or not a map
 */
export function expectObject({ value, pointer }: Located, description: string): JsonObject {
  if (isObject(value)) return value;
  throw unexpectedValueError({ value, pointer }, `an object ${description}`);
}

/**
 * Returns a value that must be a string.
 * @throws {RegistryError} `recipe.invalid` if the value is absent or not a string
 */
export function expectString({ value, pointer }: Located, description: string): string {
  if (typeof value === 'string') return value;
  const isUnquoted = typeof value === 'number' || typeof value === 'boolean';
  throw unexpectedValueError(
    { value, pointer },
    `a string, ${description}`,
    isUnquoted ? '. Write it in quotes' : '',
  );
}

/**
 * Returns a value that must be true or false.
 * @throws {RegistryError} `recipe.invalid` if the value is absent or not a boolean
 */
export function expectBoolean({ value, pointer }: Located, description: string): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpectedValueError({ value, pointer }, `true or false: ${description}`);
}

/**
 * Returns a value that must be a string that passes `test`.
 * @throws {RegistryError} `recipe.invalid` if the value is absent, not a string, or fails the test
 */
export function expectMatch(located: Located, description: string, test: (text: string) => boolean): string {
  const text = expectString(located, description);
  if (test(text)) return text;
  throw invalidRecipe(located.pointer, `must be ${description}, not ${quoteClientText(text)}`);
}

/** Tells whether a key is left out. Null counts so where a key may be left out. */
export function isAbsent(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** Quotes a client's text for a message, cut to 60 characters. */
export function quoteClientText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}

function unexpectedValueError({ value, pointer }: Located, expected: string, remedy = ''): RegistryError {
  return value === undefined
    ? invalidRecipe(pointer, `is missing: it must be ${expected}`)
    : invalidRecipe(pointer, `must be ${expected}, not ${describeKind(value)}${remedy}`);
}

/** Names the kind of a value for a message. */
export function describeKind(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a string' : typeof value === 'number' ? 'a number' : 'true or false';
}
