import { YamlProblem } from '../yaml-problem.ts';
import {
  type Cursor,
  code,
  columnOf,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  peek,
  readBreak,
} from './cursor.ts';

/** Value of a scalar without quotes. */
export interface PlainScan {
  value: string;
  /** Behind its last character; the cursor stands further on, behind the spaces and line breaks that follow. */
  end: number;
  /** Whether it was ended by a line that belongs to something else, where a key may begin. */
  endsLine: boolean;
}

/**
 * Scans a plain scalar as `yaml_parser_scan_plain_scalar` of go.yaml.in/yaml/v2 does.
 *
 * @param indent column that its further lines must have at least, outside of brackets and braces
 * @throws YamlProblem
 */
export function scanPlain(cursor: Cursor, indent: number, flow: boolean): PlainScan {
  const start = cursor.position;
  let value = '';
  let end = start;
  let between = { blanks: '', text: '', broken: false };
  for (;;) {
    if (isDocumentMark(cursor) || peek(cursor) === code.hash) break;
    const from = cursor.position;
    cursor.position = findEnd(cursor.text, from, flow);
    if (cursor.position > from) {
      const piece = cursor.text.slice(from, cursor.position);
      value = end === start ? piece : value + (between.broken ? between.text : between.blanks) + piece;
      end = cursor.position;
      between = { blanks: '', text: '', broken: false };
    }
    const next = peek(cursor);
    if (!isBlank(next) && !isBreak(next)) break;
    between = skipBetween(cursor, indent, start);
    if (!flow && columnOf(cursor) < indent) break;
  }
  return { value, end, endsLine: between.broken };
}

function findEnd(text: string, from: number, flow: boolean): number {
  let position = from;
  for (;;) {
    const char = text.charCodeAt(position);
    if (isBlankOrEnd(char)) return position;
    if (char === code.colon && isBlankOrEnd(text.charCodeAt(position + 1))) return position;
    if (flow && endsInFlow(char)) return position;
    position++;
  }
}

function endsInFlow(char: number): boolean {
  return (
    char === code.comma ||
    char === code.question ||
    char === code.openBracket ||
    char === code.closeBracket ||
    char === code.openBrace ||
    char === code.closeBrace
  );
}

/** Skips spaces and line breaks between two words of a scalar; gives what they amount to if the scalar goes on. */
function skipBetween(
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
      if (char === code.tab && columnOf(cursor) < indent)
        throw new YamlProblem('a tab stands where the indentation of a value is needed', start);
      cursor.position++;
    } else if (isBreak(char)) more += readBreak(cursor);
    else return { blanks: '', text: foldBreaks(first, more), broken: true };
  }
}

/** Text that line breaks stand for within a scalar: one is a space, of more the first is dropped. */
export function foldBreaks(first: string, more: string): string {
  if (first !== '\n') return first + more;
  return more === '' ? ' ' : more;
}
