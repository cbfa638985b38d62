import { isObject, type Json } from '../json.ts';
import type { EditContext } from './change.ts';
import type { Entry, ValuePlace } from './layout.ts';
import { endOfLine } from './lines.ts';
import { isFilled } from './render.ts';

/** Text after a key's colon: at most a tag or anchor and the head of a block scalar, then a comment. */
const commentAfterColonPattern = /^(?:[ \t]+[&!][^\s]*)*(?:[ \t]+[|>][-+0-9]*)?([ \t]+#.*)$/;

/** An explicit key, quoted or of a single word, then a comment. */
const commentAfterKeyPattern = /^\?[ \t]+(?:"[^"\\]*"|'[^']*'|[^"'#\s]+)([ \t]+#.*)$/;

/**
 * Finds the comment in a key's line that is not part of its value. The blanks before it are included. The comment so
 * stays if the value is rewritten; comments within the value go.
 *
 * @returns an empty text if there is none
 */
export function findLineComment(text: string, { colon, explicit, from, lineEnd, value }: Entry): string {
  const afterKey =
    (explicit && commentAfterKeyPattern.exec(text.slice(from, endOfLine(text, from)))?.[1]) || '';
  const found = value.inline
    ? /^[ \t]+#[^\r\n]*/.exec(text.slice(value.to, lineEnd))?.[0]
    : commentAfterColonPattern.exec(text.slice(colon, endOfLine(text, colon)))?.[1];
  return afterKey + (found ?? '');
}

/**
 * Finds lines of comments from an offset on that are indented deeper than a column. A block scalar before such lines
 * would include them.
 */
export function findDeeperComments(text: string, at: number, column: number): string {
  const found = /^(?:[ ]*#[^\r\n]*(?:\r\n|[\r\n]|$))+/.exec(text.slice(at))?.[0] ?? '';
  const first = found.length - found.trimStart().length;
  return first > column ? found : '';
}

/** Checks whether a value ends in a block scalar. */
export function endsInBlockScalar(text: string, { kind, flow, from, entries, items }: ValuePlace): boolean {
  const last = entries.at(-1) ?? items.at(-1);
  if (last && !flow) return endsInBlockScalar(text, last.value);
  return kind === 'scalar' && (text[from] === '|' || text[from] === '>');
}

/** A value that is rendered anew, with its lines. */
interface RenderedAnew {
  value: ValuePlace;
  /** Start and end of the text that is replaced. */
  from: number;
  to: number;
  /** Comment in that text that is kept. */
  kept?: string;
}

/**
 * Notes comments that are lost with a list or a map which is rendered anew.
 * Comments of a value that gives way to another kind go with it.
 */
export function noteLostComments(
  { text, losses }: EditContext,
  { value, from, to, kept = '' }: RenderedAnew,
  before: Json,
  after: Json,
): void {
  const stays = Array.isArray(before) ? Array.isArray(after) : isObject(before) && isObject(after);
  if (!stays || !isFilled(after) || !text.slice(from, to).includes('#')) return;
  const parts: string[] = [];
  let at = from;
  for (const scalar of listScalars(text, value)) {
    parts.push(text.slice(at, scalar.from));
    at = scalar.to;
  }
  parts.push(text.slice(at, to));
  // A letter stands for each scalar: a `#` needs a blank before it, or the start of a line.
  if (/(?:^|[ \t])#/m.test(parts.join('x').replace(kept, ''))) losses.comments = true;
}

/** Lists the texts of keys and scalars below a value, in which `#` begins no comment. */
function* listScalars(text: string, { kind, from, to, entries, items }: ValuePlace): Generator<TextRange> {
  for (const entry of entries) {
    yield { from: entry.keyFrom, to: entry.keyTo };
    yield* listScalars(text, entry.value);
  }
  for (const item of items) yield* listScalars(text, item.value);
  if (kind !== 'scalar') return;
  const isBlock = text[from] === '|' || text[from] === '>';
  // The first line of a block scalar may end in a comment.
  yield { from: isBlock ? Math.min(endOfLine(text, from), to) : from, to };
}

interface TextRange {
  from: number;
  to: number;
}
