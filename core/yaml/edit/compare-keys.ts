import { equalJson, getKey, type Json, type JsonObject, setKey } from '../json.ts';
import type { Edited } from './change.ts';
import type { Entry, Place } from './layout.ts';

/** Changes to the keys of a map, those included that merge keys bring. */
export function compareKeys(
  { merges }: Edited,
  { entries }: Place,
  value: JsonObject,
  target: JsonObject,
): { live: Map<string, Entry>; expanded: Map<Entry, JsonObject>; added: JsonObject } {
  // By key, the entry that its value comes from: the last one, of merge keys too.
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
    const brought = entry && expanded.get(entry);
    if (brought) setKey(brought, key, after);
    else if (!entry || (entry.merge && !equalJson(getKey(value, key) ?? null, after)))
      setKey(added, key, after);
  }
  return { live, expanded, added };
}

/** Items that two lists begin and end with alike. */
export function findCommon(before: Json[], after: Json[]): { first: number; last: number } {
  const most = Math.min(before.length, after.length);
  const same = (one: number, other: number): boolean => equalJson(before[one] ?? null, after[other] ?? null);
  let first = 0;
  while (first < most && same(first, first)) first++;
  let last = 0;
  // Lists of one length are compared place by place.
  if (before.length !== after.length)
    while (last < most - first && same(before.length - 1 - last, after.length - 1 - last)) last++;
  return { first, last };
}
