import type { Entry, Place } from './layout.ts';
import { endOfLine } from './lines.ts';

/** Rest of a line behind a key's colon: tags or anchors, the head of a block scalar, and a comment. */
const behindColon = /^(?:[ \t]+[&!][^\s]*)*(?:[ \t]+[|>][-+0-9]*)?([ \t]+#.*)$/;

/** Line of a key with a question mark, quoted or of one word, and a comment. */
const behindKey = /^\?[ \t]+(?:"[^"\\]*"|'[^']*'|[^"'#\s]+)([ \t]+#.*)$/;

/**
 * Finds the comment in a key's line, with the blanks before it, so that it stays when the value is rendered anew.
 * Comments inside the value are not among it, and are lost with the value.
 *
 * @returns an empty text without a comment
 */
export function findLineComment(text: string, { colon, explicit, from, lineEnd, value }: Entry): string {
  const keyComment = (explicit && behindKey.exec(text.slice(from, endOfLine(text, from)))?.[1]) || '';
  const found = value.inline
    ? /^[ \t]+#[^\r\n]*/.exec(text.slice(value.to, lineEnd))?.[0]
    : behindColon.exec(text.slice(colon, endOfLine(text, colon)))?.[1];
  return keyComment + (found ?? '');
}

/**
 * Finds comment lines at an offset that stand deeper than a column.
 * A block scalar that is written before such lines would contain them.
 * @returns an empty text where there are none
 */
export function findDeeperComments(text: string, at: number, column: number): string {
  const found = /^(?:[ ]*#[^\r\n]*(?:\r\n|[\r\n]|$))+/.exec(text.slice(at))?.[0] ?? '';
  const first = found.length - found.trimStart().length;
  return first > column ? found : '';
}

/** Tells whether a value ends in a block scalar. */
export function endsInBlock(text: string, { kind, flow, from, entries, items }: Place): boolean {
  const last = entries.at(-1) ?? items.at(-1);
  if (last && !flow) return endsInBlock(text, last.value);
  return kind === 'scalar' && (text[from] === '|' || text[from] === '>');
}
