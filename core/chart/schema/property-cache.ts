import type { Json } from '../../yaml/json.ts';
import type { PropertyMemory, Taken } from './run.ts';

interface Known {
  value: Json;
  /** Text of the value, made on first use. */
  text?: string;
  taken: Taken;
}

/**
 * Caches the last valid value of each property of a schema's root.
 * Values of one chart are validated again and again, and mostly change little. A value meets its property's schema
 * whatever other properties are.
 */
export function createPropertyMemory(): PropertyMemory {
  const known = new Map<string, Known>();
  return {
    recall(key, value) {
      const last = known.get(key);
      return last && isSame(last, value) ? last.taken : undefined;
    },
    keep: (key, value, taken) => known.set(key, { value, taken }),
  };
}

/** Compares with the cached value, mostly by identity, because charts stay in memory. */
function isSame(last: Known, value: Json): boolean {
  if (last.value === value) return true;
  if (typeof value !== 'object' || value === null) return false;
  last.text ??= JSON.stringify(last.value);
  return last.text === JSON.stringify(value);
}
