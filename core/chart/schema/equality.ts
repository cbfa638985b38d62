import { boundText } from '../../runtime/bound-text.ts';
import { equalJson, getKey, isObject, type Json } from '../../yaml/json.ts';
import { type Budget, spend } from './budget.ts';
import type { Allowed } from './node.ts';

/** Characters that are compared in one step. */
const charactersPerStep = 16;

/** Characters of a list of allowed values that a message shows. */
const maxLabel = 200;

export function createAllowed(values: readonly Json[]): Allowed {
  const others = values.filter((value) => typeof value === 'object' && value !== null);
  const scalars = new Set(values.filter((value) => typeof value !== 'object' || value === null));
  let label = '';
  for (const value of values) {
    const text = JSON.stringify(value);
    label += label === '' ? text : `, ${text}`;
    if (label.length > maxLabel) break;
  }
  const cost = others.reduce<number>((sum, value) => sum + costOf(value), 0);
  return { scalars, others, cost, label: boundText(label, maxLabel) };
}

export function isAllowed({ scalars, others, cost }: Allowed, value: Json, budget: Budget): boolean {
  if (typeof value !== 'object' || value === null) return scalars.has(value);
  spend(budget, cost);
  return others.some((other) => equalJson(other, value));
}

/**
 * Finds an item that is there before; 1.0 is 1, and the order of keys means nothing.
 *
 * @returns its index, or -1
 */
export function findDuplicate(items: readonly Json[], budget: Budget): number {
  const scalars = new Set<Json>();
  const others = new Set<Json>();
  for (const [index, item] of items.entries()) {
    const isScalar = typeof item !== 'object' || item === null;
    const seen = isScalar ? scalars : others;
    const key = isScalar ? item : canonicalText(item);
    spend(budget, 1 + (typeof key === 'string' ? Math.ceil(key.length / charactersPerStep) : 0));
    if (seen.has(key)) return index;
    seen.add(key);
  }
  return -1;
}

function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isObject(value)) return JSON.stringify(value === 0 ? 0 : value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(getKey(value, key) ?? null)}`).join()}}`;
}

function costOf(value: Json): number {
  if (typeof value === 'string') return 1 + Math.ceil(value.length / charactersPerStep);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [key, item]) => sum + costOf(key) + costOf(item), 1);
}
