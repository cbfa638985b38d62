import type { Json, JsonObject } from '../json.ts';
import type { Place } from './layout.ts';

/** A change of a text for keys of one map; offsets into the text. */
export interface Change {
  from: number;
  to: number;
  text: string;
  /** Whether its text must begin a line. */
  fresh: boolean;
  /** Spaces before the map's keys. */
  column: number;
  /** Lines that it touches, as they are afterwards, and what they are to mean; nothing where that is plain to see. */
  lines: string;
  meaning: JsonObject;
  /** The lines as they were, where they go. */
  gone: { lines: string; key: string; of: JsonObject } | undefined;
  /** Start of the line behind what it touches. */
  end: number;
}

/** A text that is being edited, and what was found to be done. */
export interface Edited {
  text: string;
  newline: string;
  /** Whether a line end behind the text would be part of its last value. */
  open: boolean;
  /** Keys that merge keys bring, by the offset of the merge key. */
  merges: ReadonlyMap<number, readonly string[]>;
  changes: Change[];
  /** Changes within a value that stays a map or list; undefined where it has to be written anew. */
  inside(edited: Edited, place: Place, before: Json, after: Json): Change[] | undefined;
}

export function replacement(from: number, to: number, text: string): Change {
  return { from, to, text, fresh: false, column: 0, lines: '', meaning: {}, gone: undefined, end: to };
}

export function insertion(
  { text }: Edited,
  at: number,
  lines: string,
  column: number,
  meaning: JsonObject,
  checked = lines,
): Change {
  const fresh = at > 0 && at === text.length;
  return { from: at, to: at, text: lines, fresh, column, lines: checked, meaning, gone: undefined, end: at };
}

/** Puts changes in order, and line ends where the last line of the text has none. */
export function orderChanges({ text, newline, changes }: Edited): Change[] | undefined {
  changes.sort((left, right) => left.from - right.from || left.to - right.to);
  let last = '\n';
  let at = 0;
  for (const change of changes) {
    if (change.from < at) return undefined;
    if (change.from > at) last = text[change.from - 1] ?? '';
    // The last line of a text need not end.
    if (change.fresh && last !== '\n' && last !== '\r') change.text = newline + change.text;
    last = change.text.at(-1) ?? last;
    at = change.to;
  }
  return changes;
}

export function applyChanges(text: string, changes: readonly Change[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const change of changes) {
    parts.push(text.slice(from, change.from), change.text);
    from = change.to;
  }
  return parts.join('') + text.slice(from);
}
