import { equalJson, getKey, type Json, type JsonObject, setKey } from '../json.ts';
import type { EditContext } from './change.ts';
import type { Entry, ValuePlace } from './layout.ts';

/**
 * Compares a map's keys, merged ones included, with those of the target.
 * @returns `live`: the entry that sets each key; `expanded`: merge keys to replace, with the pairs to write instead;
 *   `added`: pairs to add at the end of the map
 */
export function compareKeys(
  { merges }: EditContext,
  { entries }: ValuePlace,
  value: JsonObject,
  target: JsonObject,
): { live: Map<string, Entry>; expanded: Map<Entry, JsonObject>; added: JsonObject } {
  // The last entry of a key sets its value, whether it has the key itself or merges it.
  const live = new Map<string, Entry>();
  for (const entry of entries) {
    if (!entry.merge) live.set(entry.key, entry);
    else for (const key of merges.get(entry.from) ?? []) live.set(key, entry);
  }
  const expanded = new Map<Entry, JsonObject>();
  for (const [key, entry] of live) {
    if (entry.merge && getKey(target, key) === undefined) expanded.set(entry, {});
  }
  const added: JsonObject = {};
  for (const key of Object.keys(target)) {
    const entry = live.get(key);
    const after = getKey(target, key) ?? null;
    const merged = entry && expanded.get(entry);
    if (merged) setKey(merged, key, after);
    else if (!entry || (entry.merge && !equalJson(getKey(value, key) ?? null, after)))
      setKey(added, key, after);
  }
  return { live, expanded, added };
}

/** Counts the equal items at the start of two lists. Where the lengths differ, those at the end count too. */
export function countCommonItems(before: Json[], after: Json[]): { first: number; last: number } {
  const maxCommon = Math.min(before.length, after.length);
  const same = (one: number, other: number): boolean => equalJson(before[one] ?? null, after[other] ?? null);
  let first = 0;
  while (first < maxCommon && same(first, first)) first++;
  let last = 0;
  // Lists of equal length are edited position by position.
  if (before.length !== after.length)
    while (last < maxCommon - first && same(before.length - 1 - last, after.length - 1 - last)) last++;
  return { first, last };
}
