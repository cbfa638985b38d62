import { RegistryError } from '../errors.ts';
import type { Json } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { invalidRecipe } from './expect.ts';
import { maxBodyDepth } from './recipe.ts';

/** Makes the error of a fault at a pointer. */
type CreateFaultError = (pointer: string, fault: string) => RegistryError;

const maybeUnstorablePattern = /[\0\uD800-\uDFFF]/;
const surrogatePattern = /\p{Surrogate}/u;

/**
 * Checks that a body is JSON that can be stored. Nesting that is too deep is refused. PostgreSQL's jsonb takes
 * neither U+0000 nor half a surrogate pair. The walk does not recurse, so no body is too deep to be refused.
 *
 * @param invalid makes the error of a fault; by default a recipe's
 * @throws {RegistryError} the error of `invalid`, or `request.tooDeep` beyond {@link maxBodyDepth}, with the pointer of
 *   the value or of the map whose key is at fault.
 */
export function checkBody(body: unknown, invalid: CreateFaultError = invalidRecipe): asserts body is Json {
  if (!isStorable(body)) throwFirstFault(body, invalid);
}

/** Checks without making pointers, which take most of the time; `throwFirstFault` makes them only for an error. */
function isStorable(body: unknown): boolean {
  const pending: { values: unknown[]; depth: number }[] = [{ values: [body], depth: 1 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { values, depth } = next;
    for (const value of values) {
      if (
        typeof value === 'string'
          ? !isStorableText(value)
          : typeof value === 'number' && !Number.isFinite(value)
      )
        return false;
      if (value === null || typeof value !== 'object') {
        if (
          value === undefined ||
          typeof value === 'function' ||
          typeof value === 'symbol' ||
          typeof value === 'bigint'
        )
          return false;
        continue;
      }
      if (depth > maxBodyDepth) return false;
      if (!Array.isArray(value) && !Object.keys(value).every(isStorableText)) return false;
      pending.push({ values: Array.isArray(value) ? value : Object.values(value), depth: depth + 1 });
    }
  }
  return true;
}

function isStorableText(text: string): boolean {
  // The second test is slower and rarely needed: whole surrogate pairs are rare.
  return !maybeUnstorablePattern.test(text) || (!text.includes('\u0000') && !surrogatePattern.test(text));
}

function throwFirstFault(body: unknown, invalid: CreateFaultError): void {
  const pending: { value: unknown; pointer: string; depth: number }[] = [
    { value: body, pointer: '', depth: 1 },
  ];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, pointer, depth } = next;
    if (typeof value !== 'object' || value === null) {
      checkScalar(value, pointer, invalid);
      continue;
    }
    if (depth > maxBodyDepth) {
      throw new RegistryError(
        'request.tooDeep',
        `${pointer} is nested more than ${maxBodyDepth} levels deep. Make it flatter`,
        {
          pointer,
        },
      );
    }
    const entries = Object.entries(value);
    if (!Array.isArray(value))
      for (const [key] of entries) checkText(key, pointer, 'has a key that contains', invalid);
    // Pushed last to first, so that faults are found in the order of the document.
    for (const [key, child] of entries.reverse()) {
      pending.push({ value: child, pointer: appendPointer(pointer, key), depth: depth + 1 });
    }
  }
}

function checkScalar(value: unknown, pointer: string, invalid: CreateFaultError): void {
  if (typeof value === 'string') {
    checkText(value, pointer, 'contains', invalid);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw invalid(pointer, 'is a number too large to be kept. Write it as a string');
  } else if (value !== null && typeof value !== 'boolean') {
    throw invalid(pointer, `must be JSON, not ${typeof value}`);
  }
}

function checkText(text: string, pointer: string, fault: string, invalid: CreateFaultError): void {
  if (text.includes('\u0000'))
    throw invalid(pointer, `${fault} U+0000, which cannot be stored. Leave it out`);
  if (surrogatePattern.test(text)) {
    throw invalid(
      pointer,
      `${fault} half a surrogate pair, which is not Unicode text and cannot be stored. Write the whole character`,
    );
  }
}
