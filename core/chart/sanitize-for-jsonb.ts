import { RegistryError } from '../errors.ts';
import { toStorableText } from '../runtime/storable-text.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';

/**
 * Largest copy: number of values, and length of texts in UTF-16 units. Stored documents are also sent often, as JSON.
 */
export const maxJsonbSize = { nodes: 2_000_000, units: 32 * 1024 * 1024 };

/**
 * Copies a document so that PostgreSQL's jsonb accepts it.
 * jsonb refuses U+0000 and half surrogate pairs, which become U+FFFD. Parts that the original shares are copied each
 * time.
 *
 * @throws RegistryError `values.invalid` if the copy is too large
 */
export function sanitizeForJsonb(value: JsonObject): JsonObject {
  const budget = { ...maxJsonbSize };

  function spend(units: number): void {
    budget.nodes--;
    budget.units -= units;
    if (budget.nodes < 0 || budget.units < 0) {
      throw new RegistryError('values.invalid', 'The metadata or values of the chart are too large');
    }
  }

  function text(original: string): string {
    spend(original.length);
    return toStorableText(original);
  }

  function copyMap(map: JsonObject): JsonObject {
    const result: JsonObject = {};
    for (const key of Object.keys(map)) setKey(result, text(key), copy(getKey(map, key) ?? null));
    return result;
  }

  function copy(original: Json): Json {
    if (typeof original === 'string') return text(original);
    spend(1);
    if (Array.isArray(original)) return original.map(copy);
    return isObject(original) ? copyMap(original) : original;
  }

  return copyMap(value);
}
