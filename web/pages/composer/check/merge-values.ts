import { isMap, type JsonMap } from '../../../parts/values/schema-places.ts';

/** Merges values as Helm does: maps merge, anything else replaces, and `null` removes a key. */
export function mergeValues(base: JsonMap, over: JsonMap): JsonMap {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const old = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isMap(value)) merged.set(key, mergeValues(isMap(old) ? old : {}, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Merges configurations: as values, but a `null` stays, for the values below. */
export function mergeConfigs(base: JsonMap, over: JsonMap): JsonMap {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const old = merged.get(key);
    merged.set(key, isMap(value) && isMap(old) ? mergeConfigs(old, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Passes the globals of a chart to a chart inside. Those of the outer chart win, as in Helm. */
export function passGlobals(values: JsonMap, keys: readonly string[]): JsonMap {
  const [key, ...others] = keys;
  if (key === undefined) return values;
  const section = mapOrEmpty(values[key]);
  const global = mergeValues(mapOrEmpty(section.global), mapOrEmpty(values.global));
  return { ...values, [key]: passGlobals({ ...section, global }, others) };
}

/** Returns a map, or an empty one for anything else. */
export function mapOrEmpty(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}
