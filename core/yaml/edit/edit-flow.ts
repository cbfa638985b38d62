import { equalJson, getKey, isObject, type Json, type JsonObject } from '../json.ts';
import { isBlank, isBreak } from '../parse/cursor.ts';
import { createReplacement, type EditContext, orderChanges } from './change.ts';
import { compareKeys, countCommonItems } from './compare-keys.ts';
import { type Entry, type Item, skipSpaceAndComments, type ValuePlace } from './layout.ts';

/** Renders a value in one line, as JSON with spaces. Such text is valid anywhere in YAML. */
export function renderFlow(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(renderFlow).join(', ')}]`;
  if (isObject(value))
    return `{${Object.keys(value)
      .map((key) => pairText(key, getKey(value, key) ?? null))
      .join(', ')}}`;
  if (typeof value !== 'string') return JSON.stringify(value);
  // Escape the characters that YAML refuses or reads as line breaks.
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function pairText(key: string, value: Json): string {
  return `${renderFlow(key)}: ${renderFlow(value)}`;
}

/**
 * Finds the changes that turn a map in braces into `target`.
 * @returns false where the map cannot be edited and has to be rendered anew
 */
export function editFlow(
  edited: EditContext,
  place: ValuePlace,
  value: JsonObject,
  target: JsonObject,
): boolean {
  const { entries } = place;
  const { live, expanded, added } = compareKeys(edited, place, value, target);
  const kept: Entry[] = [];
  const removed: Entry[] = [];
  for (const entry of entries) {
    const merged = expanded.get(entry);
    const after = getKey(target, entry.key);
    if (merged) {
      const pairs = Object.keys(merged).map((key) => pairText(key, getKey(merged, key) ?? null));
      if (pairs.length > 0) edited.changes.push(createReplacement(entry.from, entry.to, pairs.join(', ')));
      (pairs.length > 0 ? kept : removed).push(entry);
    } else if (entry.merge) kept.push(entry);
    else if (after === undefined) removed.push(entry);
    else {
      kept.push(entry);
      const before = getKey(value, entry.key) ?? null;
      if (live.get(entry.key) === entry && !equalJson(before, after))
        editFlowValue(edited, entry, before, after);
    }
  }
  removeFlowItems(edited, entries, new Set(removed));
  addFlowKeys(edited, place, kept, added);
  return orderChanges(edited) !== undefined;
}

/** Adds pairs behind the last entry that stays. */
export function addFlowKeys(
  edited: EditContext,
  place: ValuePlace,
  kept: readonly Item[],
  added: JsonObject,
): void {
  const pairs = Object.keys(added).map((key) => pairText(key, getKey(added, key) ?? null));
  addItemTexts(edited, place, kept, pairs);
}

function addItemTexts(
  { changes }: EditContext,
  place: ValuePlace,
  kept: readonly Item[],
  texts: string[],
): void {
  if (texts.length === 0) return;
  const last = kept.at(-1);
  const joined = texts.join(', ');
  const others = (place.entries.length || place.items.length) > 0;
  if (last) changes.push(createReplacement(last.to, last.to, `, ${joined}`));
  else changes.push(createReplacement(place.from + 1, place.from + 1, others ? `${joined}, ` : joined));
}

/**
 * Edits the items at positions that both lists have, where they differ.
 * Items that are equal at the end of both lists are left out.
 * @returns ends of the edited positions (`both`) and of the differing parts of the old list (`old`) and the new (`now`)
 */
export function editSharedItems(
  edited: EditContext,
  items: readonly Item[],
  before: Json[],
  after: Json[],
  edit: (edited: EditContext, item: Item, value: Json, target: Json) => void,
): { both: number; old: number; now: number } {
  const { first, last } = countCommonItems(before, after);
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

/**
 * Finds the changes that turn a list in brackets into `after`.
 * @returns false where the list cannot be edited
 */
export function editFlowList(edited: EditContext, place: ValuePlace, before: Json[], after: Json[]): boolean {
  const { items } = place;
  const { both, old, now } = editSharedItems(edited, items, before, after, editFlowValue);
  removeFlowItems(edited, items, new Set(items.slice(both, old)));
  const texts = after.slice(both, now).map(renderFlow);
  addItemTexts(edited, place, items.slice(0, both), texts);
  return orderChanges(edited) !== undefined;
}

function editFlowValue(edited: EditContext, item: Entry | Item, before: Json, after: Json): void {
  const { text, changes } = edited;
  const { value } = item;
  const inner: EditContext = { ...edited, changes: [] };
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
  const separator = needsColon ? ': ' : /[\s[{,]/.test(text[at - 1] ?? '') ? '' : ' ';
  changes.push(createReplacement(at, written ? value.to : at, separator + renderFlow(after)));
}

function removeFlowItems(edited: EditContext, all: readonly Item[], removed: ReadonlySet<Item>): void {
  const lastKept = all.findLastIndex((item) => !removed.has(item));
  for (const [index, item] of all.entries()) {
    if (!removed.has(item)) continue;
    // Where no later item stays, remove the comma before the item instead of the one behind it.
    removeFlowItem(edited, item, lastKept >= 0 && lastKept < index ? all[index - 1] : undefined);
  }
}

/** Removes an item with its comma, and the whole line where the item is alone in it. */
function removeFlowItem({ text, changes }: EditContext, item: Item, before: Item | undefined): void {
  if (before) {
    if (!/[\r\n]/.test(text.slice(before.to, item.to))) {
      changes.push(createReplacement(before.to, item.to, ''));
      return;
    }
  }
  const comma = skipSpaceAndComments(text, item.to);
  let end = text[comma] === ',' ? comma + 1 : item.to;
  let { from } = item;
  while (text[end] === ' ') end++;
  const start = startOfBlank(text, from);
  const lineEnd = endOfBlank(text, end);
  if (start > 0 && isLineStart(text, start) && isLineEnd(text, lineEnd)) {
    from = start;
    end =
      text[lineEnd] === '\r' && text[lineEnd + 1] === '\n' ? lineEnd + 2 : Math.min(lineEnd + 1, text.length);
  }
  changes.push(createReplacement(from, end, ''));
}

/** Returns the start of the blanks before an offset. It reads no more than these: a line may have thousands of items. */
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

function isLineStart(text: string, at: number): boolean {
  return at === 0 || isBreak(text.charCodeAt(at - 1));
}

function isLineEnd(text: string, at: number): boolean {
  return at === text.length || isBreak(text.charCodeAt(at));
}
