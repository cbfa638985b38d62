import type { Entry, Place } from './layout.ts';
import { endOfLine } from './lines.ts';

/** Nothing, a tag or an anchor, the head of a block scalar, and then a comment to the end of the line. */
const commentAfterColon = /^(?:[ \t]+[&!][^\s]*)*(?:[ \t]+[|>][-+0-9]*)?([ \t]+#.*)$/;

/** A key with a question mark, in quotes or of one word, and then a comment. */
const commentAfterKey = /^\?[ \t]+(?:"[^"\\]*"|'[^']*'|[^"'#\s]+)([ \t]+#.*)$/;

/**
 * Finds the comment that stands in a key's line and is not part of its value, with the blanks before it: so it stays where
 * the value is written anew. Comments within the value go with it.
 *
 * @returns empty where there is none
 */
export function findLineComment(text: string, { colon, explicit, from, lineEnd, value }: Entry): string {
  const afterKey = (explicit && commentAfterKey.exec(text.slice(from, endOfLine(text, from)))?.[1]) || '';
  const found = value.inline
    ? /^[ \t]+#[^\r\n]*/.exec(text.slice(value.to, lineEnd))?.[0]
    : commentAfterColon.exec(text.slice(colon, endOfLine(text, colon)))?.[1];
  return afterKey + (found ?? '');
}

/** Lines of comments alone that begin at an offset and stand deeper than a column: a block scalar before them takes them in. */
export function findDeeperComments(text: string, at: number, column: number): string {
  const found = /^(?:[ ]*#[^\r\n]*(?:\r\n|[\r\n]|$))+/.exec(text.slice(at))?.[0] ?? '';
  const first = found.length - found.trimStart().length;
  return first > column ? found : '';
}

/** Whether a value ends in a block scalar. */
export function endsInBlockScalar(text: string, { kind, flow, from, entries, items }: Place): boolean {
  const last = entries.at(-1) ?? items.at(-1);
  if (last && !flow) return endsInBlockScalar(text, last.value);
  return kind === 'scalar' && (text[from] === '|' || text[from] === '>');
}
