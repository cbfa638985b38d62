import { equalJson, getKey, isObject, type Json, type JsonObject, setKey } from './json.ts';
import { stringifyYaml } from './yaml.ts';
import type { Editable } from './yaml-editable.ts';
import type { Entry } from './yaml-layout.ts';
import { isPlainText, writePlain } from './yaml-plain.ts';

/** A change of a text for keys of one map; offsets into the text. */
export interface Change {
  from: number;
  to: number;
  text: string;
  /** Spaces before the map's keys. */
  column: number;
  /** What the lines that it touches are afterwards, and what they are to mean; nothing where that is plain to see. */
  lines: string;
  meaning: JsonObject;
  /** The lines as they were, where they go. */
  gone: { lines: string; key: string; of: JsonObject } | undefined;
  /** Start of the line behind what it touches. */
  end: number;
}

interface Edited {
  text: string;
  newline: string;
  open: boolean;
  changes: Change[];
}

/**
 * What has to change in a text for it to mean `target`; what is not touched stays byte for byte, with its comments, quotes
 * and order. New keys stand at the end of their map, in the order of `target`. In order, none over another.
 *
 * @returns undefined where the text cannot be edited line by line
 */
export function findChanges(editable: Editable, target: JsonObject): Change[] | undefined {
  const { text, newline, entries, value, open } = editable;
  if (!entries) return undefined;
  const changes: Change[] = [];
  editMap({ text, newline, open, changes }, entries, value, target);
  changes.sort((left, right) => left.from - right.from || left.to - right.to);
  let last = '\n';
  let at = 0;
  for (const change of changes) {
    if (change.from < at) return undefined;
    if (change.from > at) last = text[change.from - 1] ?? '';
    // The last line of a text need not end.
    if (change.text.endsWith(newline) && last !== '\n') change.text = newline + change.text;
    last = change.text.at(-1) ?? last;
    at = change.to;
  }
  return changes;
}

function editMap(edited: Edited, entries: readonly Entry[], value: JsonObject, target: JsonObject): void {
  const { text, newline, open, changes } = edited;
  const column = entries[0]?.column ?? 0;
  const known = new Set<string>();
  for (const entry of entries) {
    known.add(entry.key);
    const before = getKey(value, entry.key) ?? null;
    const after = getKey(target, entry.key);
    if (before === after) continue;
    const gone = { lines: text.slice(entry.lineStart, entry.lineEnd), key: entry.key, of: value };
    if (after === undefined) {
      const { lineStart: from, lineEnd: to } = entry;
      changes.push({ from, to, text: '', column, lines: '', meaning: {}, gone, end: to });
    } else if (!equalJson(before, after)) editEntry(edited, entry, before, after, gone);
  }
  const added: JsonObject = {};
  for (const key of Object.keys(target)) if (!known.has(key)) setKey(added, key, getKey(target, key) ?? null);
  if (Object.keys(added).length === 0) return;
  const last = entries.at(-1);
  // Before a block that the text ends in: behind it, the block would have a line end that it has not for every Helm.
  const end = (open && last?.lineEnd === text.length ? last.lineStart : last?.lineEnd) ?? text.length;
  const plain = writePlain(added, column, newline);
  const behind = plain ?? render(added, column, newline);
  const lines = plain === undefined ? behind : '';
  changes.push({ from: end, to: end, text: behind, column, lines, meaning: added, gone: undefined, end });
}

function editEntry(edited: Edited, entry: Entry, before: Json, after: Json, gone: Change['gone']): void {
  const { text, newline, changes } = edited;
  if (entry.entries && isObject(before) && isObject(after) && Object.keys(after).length > 0) {
    editMap(edited, entry.entries, before, after);
    return;
  }
  const { inline, column, lineStart, lineEnd } = entry;
  const meaning: JsonObject = {};
  setKey(meaning, entry.key, after);
  const short = shortForm(after);
  if (inline && short !== '' && !short.includes('\n')) {
    const { start: from, end: to } = inline;
    const value = (text[from - 1] === ':' ? ' ' : '') + short;
    const lines = plainWords.test(short) ? '' : text.slice(lineStart, from) + value + text.slice(to, lineEnd);
    changes.push({ from, to, text: value, column, lines, meaning, gone: undefined, end: lineEnd });
    return;
  }
  const plain = writePlain(meaning, column, newline);
  const rendered = plain ?? render(meaning, column, newline);
  const first = rendered.indexOf(newline);
  const comment = inline ? /^[ \t]+#[^\r\n]*/.exec(text.slice(inline.end, lineEnd))?.[0] : undefined;
  const keep = comment !== undefined && rendered[first - 1] === ':' ? comment : '';
  const changed = rendered.slice(0, first) + keep + rendered.slice(first);
  const lines = plain === undefined || keep !== '' ? changed : '';
  changes.push({ from: lineStart, to: lineEnd, text: changed, column, lines, meaning, gone, end: lineEnd });
}

/** Nothing in this means anything to YAML; that it is no number or the like, writing has seen to. */
const plainWords = /^[A-Za-z0-9][A-Za-z0-9 _./-]*$/;

/** As {@link stringifyYaml} writes a scalar, or an empty collection; empty where it has lines of its own. */
export function shortForm(value: Json): string {
  if (isCollection(value)) return '';
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  // Most changes are such words, and writing in general takes longer than all else about them.
  if (typeof value === 'string' && isPlainText(value)) return value;
  return stringifyYaml(value).trimEnd();
}

function isCollection(value: Json): boolean {
  return isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0;
}

function render(value: JsonObject, column: number, newline: string): string {
  const lines = stringifyYaml(value).slice(0, -1).split('\n');
  return lines.map((line) => (line === '' ? newline : ' '.repeat(column) + line + newline)).join('');
}
