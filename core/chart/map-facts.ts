import { isObject, type Json, type JsonObject } from '../yaml/json.ts';

/** Facts about a map of values that decide whether it may stand in place of its copy. */
export interface MapFacts {
  /** Keys in the map and in all maps below it: the steps that a copy takes. */
  keys: number;
  /** Levels of maps below it. */
  levels: number;
  holdsNull: boolean;
}

/** Levels below a map that is shared. A map that may contain itself is left to the copy, which refuses it. */
const maxLevels = 300;

/** Keys of a map whose facts are not kept: reading them again takes less than to keep them. */
const fewKeys = 16;

/** Facts by map. Maps of values are not changed once a chart has them, so facts hold as long as the map is in memory. */
const factsByMap = new WeakMap<JsonObject, MapFacts>();

/**
 * Counts the keys of a map and looks for nulls. Lists count as one value, and nulls in them as none.
 * @returns undefined for a map of too many levels
 */
export function readMapFacts(map: JsonObject, level = 0): MapFacts | undefined {
  const known = factsByMap.get(map);
  if (known) return known;
  if (level > maxLevels) return undefined;
  const values: Json[] = Object.values(map);
  const facts: MapFacts = { keys: values.length, levels: 0, holdsNull: false };
  for (const value of values) {
    if (value === null) facts.holdsNull = true;
    if (!isObject(value)) continue;
    const below = readMapFacts(value, level + 1);
    if (!below) return undefined;
    facts.keys += below.keys;
    facts.levels = Math.max(facts.levels, below.levels + 1);
    facts.holdsNull ||= below.holdsNull;
  }
  if (facts.levels > maxLevels) return undefined;
  if (facts.keys > fewKeys) factsByMap.set(map, facts);
  return facts;
}

/** Checks for a null among a chart's values, as `holdsNull` does. It is known of maps that charts share. */
export function mapsHoldNull(values: JsonObject): boolean {
  return Object.values(values).some(
    (value: Json) =>
      value === null || (isObject(value) && (readMapFacts(value)?.holdsNull ?? holdsNull(value))),
  );
}

/** Checks for a null in a map or the maps below it. Helm ignores nulls in lists. */
export function holdsNull(value: Json | undefined): boolean {
  return isObject(value) ? Object.values(value).some(holdsNull) : value === null;
}
