import { equalJson, getKey, isObject, type Json, type JsonObject } from '../json.ts';
import { isBlank, isBreak } from '../parse/cursor.ts';
import { type Edited, orderChanges, replacement } from './change.ts';
import { compareKeys, findCommon } from './compare-keys.ts';
import { type Entry, type Item, type Place, skipAside } from './layout.ts';

/** A value in one line, as it may stand anywhere in YAML: JSON, with spaces. */
export function flowText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (isObject(value))
    return `{${Object.keys(value)
      .map((key) => pairText(key, getKey(value, key) ?? null))
      .join(', ')}}`;
  if (typeof value !== 'string') return JSON.stringify(value);
  // Characters that YAML refuses, or takes for line breaks, are escaped.
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function pairText(key: string, value: Json): string {
  return `${flowText(key)}: ${flowText(value)}`;
}

/** Finds what has to change in a map in braces. @returns false where it has to be written anew */
export function editFlow(edited: Edited, place: Place, value: JsonObject, target: JsonObject): boolean {
  const { entries } = place;
  const { live, expanded, added } = compareKeys(edited, place, value, target);
  const kept: Entry[] = [];
  const gone: Entry[] = [];
  for (const entry of entries) {
    const brought = expanded.get(entry);
    const after = getKey(target, entry.key);
    if (brought) {
      const pairs = Object.keys(brought).map((key) => pairText(key, getKey(brought, key) ?? null));
      if (pairs.length > 0) edited.changes.push(replacement(entry.from, entry.to, pairs.join(', ')));
      (pairs.length > 0 ? kept : gone).push(entry);
    } else if (entry.merge) kept.push(entry);
    else if (after === undefined) gone.push(entry);
    else {
      kept.push(entry);
      const before = getKey(value, entry.key) ?? null;
      if (live.get(entry.key) === entry && !equalJson(before, after)) editPlace(edited, entry, before, after);
    }
  }
  removeAll(edited, entries, new Set(gone));
  addFlowKeys(edited, place, kept, added);
  return orderChanges(edited) !== undefined;
}

/** Adds pairs behind the last one that stays. */
export function addFlowKeys(edited: Edited, place: Place, kept: readonly Item[], added: JsonObject): void {
  const pairs = Object.keys(added).map((key) => pairText(key, getKey(added, key) ?? null));
  addTexts(edited, place, kept, pairs);
}

function addTexts({ changes }: Edited, place: Place, kept: readonly Item[], texts: string[]): void {
  if (texts.length === 0) return;
  const last = kept.at(-1);
  const joined = texts.join(', ');
  const others = (place.entries.length || place.items.length) > 0;
  if (last) changes.push(replacement(last.to, last.to, `, ${joined}`));
  else changes.push(replacement(place.from + 1, place.from + 1, others ? `${joined}, ` : joined));
}

/**
 * Edits the items that a list has before and after, where they differ.
 * @returns where these end (`both`), and where what is different in the old and the new list does
 */
export function editSharedItems(
  edited: Edited,
  items: readonly Item[],
  before: Json[],
  after: Json[],
  edit: (edited: Edited, item: Item, value: Json, target: Json) => void,
): { both: number; old: number; now: number } {
  const { first, last } = findCommon(before, after);
  const old = before.length - last;
  const now = after.length - last;
  const both = Math.min(old, now);
  for (let index = first; index < both; index++) {
    const item = items[index];
    const next = after[index] ?? null;
    if (item && !equalJson(before[index] ?? null, next)) edit(edited, item, before[index] ?? null, next);
  }
  return { both, old, now };
}

/** Finds what has to change in a list in brackets. */
export function editFlowList(edited: Edited, place: Place, before: Json[], after: Json[]): boolean {
  const { items } = place;
  const { both, old, now } = editSharedItems(edited, items, before, after, editPlace);
  removeAll(edited, items, new Set(items.slice(both, old)));
  const texts = after.slice(both, now).map(flowText);
  addTexts(edited, place, items.slice(0, both), texts);
  return orderChanges(edited) !== undefined;
}

function editPlace(edited: Edited, item: Entry | Item, before: Json, after: Json): void {
  const { text, changes } = edited;
  const { value } = item;
  const inner: Edited = { ...edited, changes: [] };
  if (value.kind === 'map' && isObject(before) && isObject(after) && Object.keys(after).length > 0) {
    if (editFlow(inner, value, before, after)) changes.push(...inner.changes);
    return;
  }
  if (
    value.kind === 'list' &&
    Array.isArray(before) &&
    Array.isArray(after) &&
    value.items.length === before.length &&
    after.length > 0
  ) {
    if (editFlowList(inner, value, before, after)) changes.push(...inner.changes);
    return;
  }
  const written = value.from < value.to || value.start < value.from;
  const colon = 'colon' in item ? item.colon : value.from;
  const at = !written ? colon : value.tagged ? value.start : value.from;
  const needsColon = !written && text[colon - 1] !== ':';
  const glued = needsColon ? ': ' : /[\s[{,]/.test(text[at - 1] ?? '') ? '' : ' ';
  changes.push(replacement(at, written ? value.to : at, glued + flowText(after)));
}

function removeAll(edited: Edited, all: readonly Item[], gone: ReadonlySet<Item>): void {
  const lastKept = all.findLastIndex((item) => !gone.has(item));
  for (const [index, item] of all.entries()) {
    if (!gone.has(item)) continue;
    // The comma before an item goes with it where no item behind it stays.
    removeFlow(edited, item, lastKept >= 0 && lastKept < index ? all[index - 1] : undefined);
  }
}

/** Takes out an item with its comma, and its line where nothing else stands there. */
function removeFlow({ text, changes }: Edited, item: Item, before: Item | undefined): void {
  if (before) {
    if (!/[\r\n]/.test(text.slice(before.to, item.to))) {
      changes.push(replacement(before.to, item.to, ''));
      return;
    }
  }
  const comma = skipAside(text, item.to);
  let end = text[comma] === ',' ? comma + 1 : item.to;
  let { from } = item;
  while (text[end] === ' ') end++;
  const start = startOfBlank(text, from);
  const lineEnd = endOfBlank(text, end);
  if (start > 0 && startsLine(text, start) && endsLine(text, lineEnd)) {
    from = start;
    end =
      text[lineEnd] === '\r' && text[lineEnd + 1] === '\n' ? lineEnd + 2 : Math.min(lineEnd + 1, text.length);
  }
  changes.push(replacement(from, end, ''));
}

/** Start of the spaces before an offset. A line may be long, and have thousands of items to take out. */
function startOfBlank(text: string, at: number): number {
  let start = at;
  while (isBlank(text.charCodeAt(start - 1))) start--;
  return start;
}

function endOfBlank(text: string, at: number): number {
  let end = at;
  while (isBlank(text.charCodeAt(end))) end++;
  return end;
}

function startsLine(text: string, at: number): boolean {
  return at === 0 || isBreak(text.charCodeAt(at - 1));
}

function endsLine(text: string, at: number): boolean {
  return at === text.length || isBreak(text.charCodeAt(at));
}
