import { RegistryError } from '../errors.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';

/** A copy's size so far is kept under these: what is stored is also sent, as JSON, again and again. */
export const mostStorable = { nodes: 2_000_000, units: 32 * 1024 * 1024 };

/**
 * A copy that PostgreSQL's jsonb can hold: U+0000 and halves of surrogate pairs, which it refuses, become U+FFFD. What
 * was shared in the original is there as often as it was used.
 *
 * @throws RegistryError `values.invalid` when it is too large.
 */
export function makeStorable(value: JsonObject): JsonObject {
  const budget = { ...mostStorable };

  function spend(units: number): void {
    budget.nodes--;
    budget.units -= units;
    if (budget.nodes < 0 || budget.units < 0) {
      throw new RegistryError('values.invalid', 'The metadata or values of the chart are too large');
    }
  }

  function text(given: string): string {
    spend(given.length);
    return /[\0\uD800-\uDFFF]/.test(given) ? given.replace(/\0|\p{Surrogate}/gu, '\uFFFD') : given;
  }

  function copyMap(map: JsonObject): JsonObject {
    const result: JsonObject = {};
    for (const key of Object.keys(map)) setKey(result, text(key), copy(getKey(map, key) ?? null));
    return result;
  }

  function copy(given: Json): Json {
    if (typeof given === 'string') return text(given);
    spend(1);
    if (Array.isArray(given)) return given.map(copy);
    return isObject(given) ? copyMap(given) : given;
  }

  return copyMap(value);
}
