import type { Json, JsonObject } from '../json.ts';
import type { ValuePlace } from './layout.ts';

/** Change of a text at the keys of one map. Numbers are offsets in the text unless they say otherwise. */
export interface Change {
  from: number;
  to: number;
  text: string;
  /** Whether `text` must begin a line. */
  startsLine: boolean;
  /** Number of spaces before the map's keys. */
  column: number;
  /** Changed lines as they are afterwards, to be parsed and compared; empty where no check is needed. */
  lines: string;
  /** Value that `lines` must have. */
  expected: JsonObject;
  /** Removed lines with their key and the map that has it; undefined where no lines are removed. */
  removed: { lines: string; key: string; of: JsonObject } | undefined;
  /** Start of the line behind the changed lines. */
  end: number;
}

/** Losses of an edit, noted while its changes are found. */
export interface EditLosses {
  /** Whether comments inside a list or a map are lost, because it had to be rendered anew. */
  comments: boolean;
}

/** Text that is being edited, with the changes found so far. */
export interface EditContext {
  text: string;
  newline: string;
  /** Whether a line end behind the text would become part of its last value. */
  open: boolean;
  /** Keys merged by each merge key, by the merge key's offset. */
  merges: ReadonlyMap<number, readonly string[]>;
  changes: Change[];
  losses: EditLosses;
  /** Finds the changes inside a value that stays a map or list; undefined where it has to be rendered anew. */
  editInside(edited: EditContext, place: ValuePlace, before: Json, after: Json): Change[] | undefined;
}

/** Creates a change that replaces text and needs no check of its lines. */
export function createReplacement(from: number, to: number, text: string): Change {
  return {
    from,
    to,
    text,
    startsLine: false,
    column: 0,
    lines: '',
    expected: {},
    removed: undefined,
    end: to,
  };
}

/**
 * Creates a change that inserts lines.
 * @param expected value of the lines
 * @param checked lines to parse and compare, by default all; empty for none
 */
export function createInsertion(
  { text }: EditContext,
  at: number,
  lines: string,
  column: number,
  expected: JsonObject,
  checked = lines,
): Change {
  const startsLine = at > 0 && at === text.length;
  return {
    from: at,
    to: at,
    text: lines,
    startsLine,
    column,
    lines: checked,
    expected,
    removed: undefined,
    end: at,
  };
}

/**
 * Sorts changes, and adds line ends where the text's last line has none.
 * @returns undefined where changes overlap
 */
export function orderChanges({ text, newline, changes }: EditContext): Change[] | undefined {
  changes.sort((left, right) => left.from - right.from || left.to - right.to);
  let last = '\n';
  let at = 0;
  for (const change of changes) {
    if (change.from < at) return undefined;
    if (change.from > at) last = text[change.from - 1] ?? '';
    // The last line of a text may lack its line end.
    if (change.startsLine && last !== '\n' && last !== '\r') change.text = newline + change.text;
    last = change.text.at(-1) ?? last;
    at = change.to;
  }
  return changes;
}

/** Applies sorted changes to a text. */
export function applyChanges(text: string, changes: readonly Change[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const change of changes) {
    parts.push(text.slice(from, change.from), change.text);
    from = change.to;
  }
  return parts.join('') + text.slice(from);
}
