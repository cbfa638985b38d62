import type { Json } from '../../yaml/json.ts';
import type { PropertyMemory, Taken } from './run.ts';

interface Known {
  value: Json;
  /** Text of the value, once that was needed. */
  text?: string;
  taken: Taken;
}

/**
 * Remembers the values that properties of a schema's root took last. Values of one chart are checked again and again, and
 * mostly differ in little from the time before; a value meets the schema of its property whatever stands beside it.
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

/** Mostly it is the very value, since charts are kept. */
function isSame(last: Known, value: Json): boolean {
  if (last.value === value) return true;
  if (typeof value !== 'object' || value === null) return false;
  last.text ??= JSON.stringify(last.value);
  return last.text === JSON.stringify(value);
}
