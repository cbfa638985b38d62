import { boundText } from '../../runtime/bound-text.ts';
import { getKey, isObject, type Json } from '../../yaml/json.ts';
import { type Budget, spend } from './budget.ts';
import type { AllowedValues } from './node.ts';
import { readDecimal } from './number.ts';

/** Characters that are compared in one step. */
const charactersPerStep = 16;

/** Largest list of which Go compares each item with each. */
const maxPairwiseItems = 20;

/** Characters of a list of allowed values that a message shows. */
const maxLabel = 200;

/**
 * Prepares the values of `enum` or `const` for {@link isAllowed}.
 * @param values for `enum`, a text equals a number only if another value is a number; for `const` it always does
 */
export function createAllowed(values: readonly Json[], keyword: 'enum' | 'const'): AllowedValues {
  const matchesTexts = keyword === 'const' || values.some((value) => typeof value === 'number');
  const numbers = new Set<number>();
  const scalars = new Set<Json>();
  const others = new Set<string>();
  let maxTextLength = 0;
  let label = '';
  for (const value of values) {
    if (label.length <= maxLabel) label += `${label && ', '}${JSON.stringify(value)}`;
    const number = typeof value === 'string' && matchesTexts ? readDecimal(value) : undefined;
    if (number !== undefined) numbers.add(number);
    if (typeof value !== 'object' || value === null) scalars.add(value);
    else {
      const text = canonicalText(value);
      others.add(text);
      maxTextLength = Math.max(maxTextLength, text.length);
    }
  }
  return { scalars, numbers, others, maxTextLength, label: boundText(label, maxLabel) };
}

/** Looks a value up among the allowed ones, by its text. A long list then costs no more than a short one. */
export function isAllowed(
  { scalars, numbers, others, maxTextLength }: AllowedValues,
  value: Json,
  budget: Budget,
): boolean {
  if (typeof value === 'number' && numbers.has(value)) return true;
  if (typeof value !== 'object' || value === null) return scalars.has(value);
  if (others.size === 0 || estimateRoomLeft(value, maxTextLength) < 0) return false;
  const text = canonicalText(value);
  spend(budget, Math.ceil(text.length / charactersPerStep));
  return others.has(text);
}

/** Estimates the characters that remain of `room` after the value's shortest text; stops below zero. */
function estimateRoomLeft(value: Json, room: number): number {
  if (typeof value === 'string') return room - value.length - 2;
  if (typeof value !== 'object' || value === null) return room - 1;
  let remaining = room - 2;
  if (Array.isArray(value)) {
    for (const item of value) if (remaining >= 0) remaining = estimateRoomLeft(item, remaining);
    return remaining;
  }
  for (const key in value) {
    if (remaining < 0) break;
    remaining = estimateRoomLeft(getKey(value, key) ?? null, remaining - key.length - 3);
  }
  return remaining;
}

/**
 * Finds an item that equals an earlier one. 1.0 is 1, and the order of keys does not matter.
 *
 * @returns its index, or -1
 */
export function findDuplicate(items: readonly Json[], budget: Budget): number {
  const scalars = new Set<Json>();
  const others = new Set<Json>();
  // Go compares the items of a short list one by one, and takes a number for equal to an earlier text of it.
  const numbers = items.length <= maxPairwiseItems ? new Set<number>() : undefined;
  for (const [index, item] of items.entries()) {
    const isScalar = typeof item !== 'object' || item === null;
    const earlier = isScalar ? scalars : others;
    const key = isScalar ? item : canonicalText(item);
    spend(budget, 1 + (typeof key === 'string' ? Math.ceil(key.length / charactersPerStep) : 0));
    if (earlier.has(key) || (typeof item === 'number' && numbers?.has(item))) return index;
    earlier.add(key);
    const number = typeof item === 'string' ? readDecimal(item) : undefined;
    if (number !== undefined) numbers?.add(number);
  }
  return -1;
}

function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  // JSON has no text for a number beyond JavaScript's range.
  if (typeof value === 'number') return String(value === 0 ? 0 : value);
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(getKey(value, key) ?? null)}`).join()}}`;
}
