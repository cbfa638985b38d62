import { RegistryError } from '../errors.ts';
import { isObject, type JsonObject } from '../yaml/json.ts';
import { checkBody } from './check-body.ts';
import { parseJsonText } from './parse-text.ts';

/**
 * Reads the body of a request as a JSON object whose values can all be stored.
 * @throws {RegistryError} as `parseJsonText`; `request.invalid` with the pointer of the value at fault
 */
export function readBodyObject(text: string): JsonObject {
  const value = parseJsonText(text);
  checkBody(value, invalid);
  if (isObject(value)) return value;
  throw invalid('', 'must be a JSON object');
}

function invalid(pointer: string, fault: string): RegistryError {
  return new RegistryError('request.invalid', `${pointer || 'The body'} ${fault}.`, { pointer });
}
