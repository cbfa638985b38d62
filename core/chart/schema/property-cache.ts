import type { Json } from '../../yaml/json.ts';
import type { CachedEvaluation, PropertyCache } from './run.ts';

interface Entry {
  value: Json;
  /** Text of the value, made on first use. */
  text?: string;
  evaluation: CachedEvaluation;
}

/**
 * Caches the last valid value of each property of a schema's root.
 * Values of one chart are validated again and again, and mostly change little. A value meets its property's schema
 * whatever other properties are.
 */
export function createPropertyCache(): PropertyCache {
  const entries = new Map<string, Entry>();
  return {
    get(key, value) {
      const last = entries.get(key);
      return last && isSame(last, value) ? last.evaluation : undefined;
    },
    set: (key, value, evaluation) => entries.set(key, { value, evaluation }),
  };
}

/** Compares with the cached value, mostly by identity, because charts stay in memory. */
function isSame(last: Entry, value: Json): boolean {
  if (last.value === value) return true;
  if (typeof value !== 'object' || value === null) return false;
  last.text ??= JSON.stringify(last.value);
  return last.text === JSON.stringify(value);
}
