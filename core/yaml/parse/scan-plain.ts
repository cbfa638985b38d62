import { YamlProblem } from '../yaml-source.ts';
import {
  type Cursor,
  charCodes,
  columnOf,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  peek,
  readBreak,
} from './cursor.ts';

/** Plain scalar that was scanned. */
export interface PlainScan {
  value: string;
  /** Offset behind the last character; the cursor is also behind the spaces and line breaks that follow. */
  end: number;
  /** Whether a line break follows the scalar, so that a key may begin. */
  endsLine: boolean;
}

/**
 * Scans a plain scalar as `yaml_parser_scan_plain_scalar` of go.yaml.in/yaml/v2 does.
 *
 * @param indent smallest column of the scalar's further lines, outside of brackets and braces
 * @throws YamlProblem
 */
export function scanPlain(cursor: Cursor, indent: number, flow: boolean): PlainScan {
  const start = cursor.position;
  let value = '';
  let end = start;
  let between = { blanks: '', text: '', broken: false };
  for (;;) {
    if (isDocumentMark(cursor) || peek(cursor) === charCodes.hash) break;
    const from = cursor.position;
    cursor.position = findWordEnd(cursor.text, from, flow);
    if (cursor.position > from) {
      const piece = cursor.text.slice(from, cursor.position);
      value = end === start ? piece : value + (between.broken ? between.text : between.blanks) + piece;
      end = cursor.position;
      between = { blanks: '', text: '', broken: false };
    }
    const next = peek(cursor);
    if (!isBlank(next) && !isBreak(next)) break;
    between = skipBetweenWords(cursor, indent, start);
    if (!flow && columnOf(cursor) < indent) break;
  }
  return { value, end, endsLine: between.broken };
}

function findWordEnd(text: string, from: number, flow: boolean): number {
  let position = from;
  for (;;) {
    const char = text.charCodeAt(position);
    if (isBlankOrEnd(char)) return position;
    if (char === charCodes.colon && isBlankOrEnd(text.charCodeAt(position + 1))) return position;
    if (flow && endsWordInFlow(char)) return position;
    position++;
  }
}

function endsWordInFlow(char: number): boolean {
  return (
    char === charCodes.comma ||
    char === charCodes.question ||
    char === charCodes.openBracket ||
    char === charCodes.closeBracket ||
    char === charCodes.openBrace ||
    char === charCodes.closeBrace
  );
}

/** Skips spaces and line breaks behind a word of a scalar, and returns their value in case that the scalar continues. */
function skipBetweenWords(
  cursor: Cursor,
  indent: number,
  start: number,
): { blanks: string; text: string; broken: boolean } {
  const from = cursor.position;
  while (isBlank(peek(cursor))) cursor.position++;
  if (!isBreak(peek(cursor)))
    return { blanks: cursor.text.slice(from, cursor.position), text: '', broken: false };
  const first = readBreak(cursor);
  let more = '';
  for (;;) {
    const char = peek(cursor);
    if (isBlank(char)) {
      if (char === charCodes.tab && columnOf(cursor) < indent)
        throw new YamlProblem('a tab stands where the indentation of a value is needed', start);
      cursor.position++;
    } else if (isBreak(char)) more += readBreak(cursor);
    else return { blanks: '', text: foldBreaks(first, more), broken: true };
  }
}

/** Folds line breaks within a scalar. A single `\n` becomes a space, the first of several is dropped. */
export function foldBreaks(first: string, more: string): string {
  if (first !== '\n') return first + more;
  return more === '' ? ' ' : more;
}
