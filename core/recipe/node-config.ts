import { getKey, isObject, type Json, type JsonObject, setKey } from '../yaml/json.ts';
import type { KeptSubchart } from './keep-subcharts.ts';

const globalKey = 'global';

/**
 * Computes a subchart's configuration: its section, and nulls of its parent's `global`.
 * Helm passes `global` down to subcharts, so its nulls remove values there too.
 *
 * @param parent configuration at the parent's place and below
 */
export function configBelow(parent: Json | undefined, name: string): Json | undefined {
  if (!isObject(parent)) return undefined;
  const section = getKey(parent, name);
  const inherited = nullsOf(getKey(parent, globalKey));
  if (Object.keys(inherited).length === 0 || name === globalKey) return section;
  const config: JsonObject = isObject(section) ? { ...section } : {};
  const global = getKey(config, globalKey);
  if (global === undefined) setKey(config, globalKey, inherited);
  else if (isObject(global)) setKey(config, globalKey, addMissingNulls(global, inherited));
  return config;
}

/**
 * Computes the configuration of a kept subchart.
 * A subchart under several aliases has a single values.yaml. Nulls of any alias remove defaults from that file, and
 * `pinAliases` restores them for the other aliases.
 */
export function keptConfig({ names }: KeptSubchart, parent: Json | undefined): Json | undefined {
  const [name, ...others] = names;
  if (name === undefined) return undefined;
  if (others.length === 0) return configBelow(parent, name);
  const nulls = names.map((alias) => nullsOf(configBelow(parent, alias))).reduce(unionOfNulls);
  return Object.keys(nulls).length > 0 ? nulls : undefined;
}

/** Copies only the nulls of a configuration, each at its place. */
export function nullsOf(config: Json | undefined): JsonObject {
  const nulls: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(config) ? config : {})) {
    if (value === null) setKey(nulls, key, null);
    const inner = nullsOf(value);
    if (Object.keys(inner).length > 0) setKey(nulls, key, inner);
  }
  return nulls;
}

/** Merges two trees of nulls; a null replaces a map of nulls below it. */
function unionOfNulls(left: JsonObject, right: JsonObject): JsonObject {
  const result = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = getKey(result, key);
    setKey(
      result,
      key,
      isObject(value) && isObject(before) ? unionOfNulls(before, value) : before === null ? null : value,
    );
  }
  return result;
}

/** Adds nulls for keys that a map lacks. */
function addMissingNulls(map: JsonObject, nulls: JsonObject): JsonObject {
  const result = { ...map };
  for (const [key, value] of Object.entries(nulls)) {
    const current = getKey(result, key);
    if (current === undefined) setKey(result, key, value);
    else if (isObject(current) && isObject(value)) setKey(result, key, addMissingNulls(current, value));
  }
  return result;
}
