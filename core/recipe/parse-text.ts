import { RegistryError } from '../errors.ts';
import type { Json } from '../yaml/json.ts';
import { findDuplicateKey } from './duplicate-key.ts';
import { findJsonFault } from './json-fault.ts';
import { maxBodyDepth } from './recipe.ts';
import { createOffsetPlaceFinder, describePlace } from './text-places.ts';

/**
 * Parses the text of a request's body as JSON.
 * Nesting is counted before anything is built, so a body of nothing but brackets costs one pass.
 *
 * @throws {RegistryError} `request.tooDeep` beyond {@link maxBodyDepth}; `request.notJson` with the line and column;
 *   `request.duplicateKey` with pointer, line and column
 */
export function parseJsonText(text: string): Json {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!/\S/.test(json)) {
    throw new RegistryError('request.notJson', 'the body is empty: send a JSON object');
  }
  checkNesting(json);
  try {
    const value: Json = JSON.parse(json);
    checkNoDuplicateKeys(json);
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notJsonError(json);
  }
}

function checkNoDuplicateKeys(json: string): void {
  const duplicate = findDuplicateKey(json);
  if (!duplicate) return;
  const { pointer, offset } = duplicate;
  const place = createOffsetPlaceFinder(json)(offset);
  throw new RegistryError(
    'request.duplicateKey',
    `${pointer} occurs twice, the second time in ${describePlace(place)}: keep one of them`,
    { pointer, ...place },
  );
}

const [quote, backslash] = [0x22, 0x5c];

/** Counts brackets outside of strings; `JSON.parse` refuses a text that is not JSON. */
function checkNesting(text: string): void {
  let depth = 0;
  let inString = false;
  for (let offset = 0; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset);
    if (inString) {
      if (unit === backslash) offset += 1;
      else if (unit === quote) inString = false;
    } else if (unit === quote) {
      inString = true;
    } else if (unit === 0x7b || unit === 0x5b) {
      depth += 1;
      if (depth > maxBodyDepth) throw tooDeepError(text, offset);
    } else if (unit === 0x7d || unit === 0x5d) {
      depth -= 1;
    }
  }
}

function tooDeepError(text: string, offset: number): RegistryError {
  const place = createOffsetPlaceFinder(text)(offset);
  return new RegistryError(
    'request.tooDeep',
    `the body is nested more than ${maxBodyDepth} levels deep at ${describePlace(place)}. Make it flatter`,
    { ...place },
  );
}

function notJsonError(text: string): RegistryError {
  const { offset, expected } = findJsonFault(text);
  const place = createOffsetPlaceFinder(text)(offset);
  const found =
    offset < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0)) : 'its end';
  return new RegistryError(
    'request.notJson',
    `the body is not JSON: ${describePlace(place)} should be ${expected}, not ${found}`,
    { ...place },
  );
}
