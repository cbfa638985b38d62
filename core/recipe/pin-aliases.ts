import { coalesceValues } from '../chart/coalesce.ts';
import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import { pruneValues } from './compose-values.ts';
import type { KeptSubchart } from './keep-subcharts.ts';
import { configBelow, keptConfig, nullsOf } from './node-config.ts';

/**
 * Defaults that aliases of a kept subchart lose when a null for another alias takes them from the values.yaml that they
 * share. They go into the parent's values, under the aliases that are to keep them: neither Helm could tell the aliases
 * apart otherwise, since Helm 4 passes over nulls in values.yaml.
 *
 * @param kept of the parent
 * @param config of the parent, and below
 */
export function pinAliases(kept: readonly KeptSubchart[], config: Json | undefined): JsonObject {
  const pins: JsonObject = {};
  for (const part of kept) {
    if (part.names.length < 2) continue;
    const removed = keptConfig(part, config);
    if (!isObject(removed)) continue;
    const defaults = coalesceValues(part.chart);
    for (const name of part.names) {
      const pinned = pick(removed, nullsOf(configBelow(config, name)), defaults);
      if (Object.keys(pinned).length > 0) setKey(pins, name, pinned);
    }
  }
  return pins;
}

/** Defaults that a path of `removed` has, where `own` does not remove it as well. */
function pick(removed: JsonObject, own: JsonObject, defaults: JsonObject): JsonObject {
  const picked: JsonObject = {};
  for (const [key, nulls] of Object.entries(removed)) {
    const value = getKey(defaults, key);
    const wish = getKey(own, key);
    if (value === undefined || value === null || wish === null) continue;
    if (nulls === null) setKey(picked, key, isObject(value) ? pruneValues(value, wish) : value);
    if (!isObject(nulls) || !isObject(value)) continue;
    const inner = pick(nulls, isObject(wish) ? wish : {}, value);
    if (Object.keys(inner).length > 0) setKey(picked, key, inner);
  }
  return picked;
}
