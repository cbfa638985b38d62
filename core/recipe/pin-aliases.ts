import { coalesceValues } from '../chart/coalesce.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { pruneValues } from './compose-values.ts';
import type { KeptSubchart } from './keep-subcharts.ts';
import { configBelow, keptConfig, nullsOf } from './node-config.ts';

/**
 * Finds defaults that an alias of a kept subchart loses by another alias's null.
 * The aliases share one values.yaml, from which the null removes the default. The lost defaults are written into the
 * parent's values, under the aliases that keep them. Nulls in the parent's values would not do: Helm 4 ignores nulls
 * in values.yaml.
 *
 * @param kept kept subcharts of the parent
 * @param config configuration of the parent and below
 */
export function pinAliases(kept: readonly KeptSubchart[], config: Json | undefined): JsonObject {
  const pins: JsonObject = {};
  for (const part of kept) {
    if (part.names.length < 2) continue;
    const removed = keptConfig(part, config);
    if (!isObject(removed)) continue;
    const defaults = coalesceValues(part.chart);
    for (const name of part.names) {
      const pinned = pickDefaults(removed, nullsOf(configBelow(config, name)), defaults);
      if (Object.keys(pinned).length > 0) setKey(pins, name, pinned);
    }
  }
  return pins;
}

/** Copies defaults at the paths of `removed`, unless the alias's own nulls remove them too. */
function pickDefaults(removed: JsonObject, aliasNulls: JsonObject, defaults: JsonObject): JsonObject {
  const picked: JsonObject = {};
  for (const [key, nulls] of Object.entries(removed)) {
    const value = getKey(defaults, key);
    const aliasValue = getKey(aliasNulls, key);
    if (value === undefined || value === null || aliasValue === null) continue;
    if (nulls === null) setKey(picked, key, isObject(value) ? pruneValues(value, aliasValue) : value);
    if (!isObject(nulls) || !isObject(value)) continue;
    const inner = pickDefaults(nulls, isObject(aliasValue) ? aliasValue : {}, value);
    if (Object.keys(inner).length > 0) setKey(picked, key, inner);
  }
  return picked;
}
