import { RegistryError } from '../errors.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';

/**
 * Largest copy: number of values, and length of texts in UTF-16 units. Stored documents are also sent often, as JSON.
 */
export const maxJsonbBytes = { nodes: 2_000_000, units: 32 * 1024 * 1024 };

/**
 * Copies a document so that PostgreSQL's jsonb accepts it.
 * jsonb refuses U+0000 and half surrogate pairs, which become U+FFFD. Parts that the original shares are copied each
 * time.
 *
 * @throws RegistryError `values.invalid` if the copy is too large
 */
export function sanitizeForJsonb(value: JsonObject): JsonObject {
  const budget = { ...maxJsonbBytes };

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
