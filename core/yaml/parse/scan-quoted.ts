import { YamlProblem } from '../yaml-source.ts';
import {
  type Cursor,
  charCodes,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  peek,
  readBreak,
} from './cursor.ts';
import { foldBreaks } from './scan-plain.ts';

/** Escapes of one character in Go's parser, which lacks `\/` of YAML 1.2 and JSON. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1B'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xA0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const hexDigitsOfEscape: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/**
 * Scans a quoted scalar as `yaml_parser_scan_flow_scalar` of go.yaml.in/yaml/v2 does.
 * The cursor is behind the closing quote then.
 *
 * @throws YamlProblem
 */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.position;
  const quote = peek(cursor);
  let value = '';
  cursor.position++;
  for (;;) {
    if (isDocumentMark(cursor)) throw new YamlProblem('a document ends within a quoted text', start);
    if (peek(cursor) === charCodes.end) throw new YamlProblem('a quoted text is not closed', start);
    const run = scanQuotedWord(cursor, quote, start);
    value += run.text;
    if (peek(cursor) === quote) {
      cursor.position++;
      return value;
    }
    value += skipBetweenQuotedWords(cursor, run.escaped);
  }
}

/**
 * Scans up to a space, a line break or the closing quote.
 * @returns `escaped` is true where a backslash ended the line
 */
function scanQuotedWord(cursor: Cursor, quote: number, start: number): { text: string; escaped: boolean } {
  let text = '';
  let from = cursor.position;
  const double = quote === charCodes.doubleQuote;
  for (;;) {
    const char = peek(cursor);
    if (isBlankOrEnd(char)) break;
    if (char === quote) {
      if (double || peek(cursor, 1) !== charCodes.quote) break;
      text += cursor.text.slice(from, cursor.position + 1);
      cursor.position += 2;
      from = cursor.position;
    } else if (double && char === charCodes.backslash) {
      text += cursor.text.slice(from, cursor.position);
      if (isBreak(peek(cursor, 1))) {
        cursor.position++;
        readBreak(cursor);
        return { text, escaped: true };
      }
      text += readEscape(cursor, start);
      from = cursor.position;
    } else cursor.position++;
  }
  return { text: text + cursor.text.slice(from, cursor.position), escaped: false };
}

function readEscape(cursor: Cursor, start: number): string {
  const letter = cursor.text[cursor.position + 1] ?? '';
  const known = escapes.get(letter);
  if (known !== undefined) {
    cursor.position += 2;
    return known;
  }
  const length = hexDigitsOfEscape.get(letter);
  if (length === undefined)
    throw new YamlProblem(
      'a text in double quotes has an escape that YAML 1.1 does not know',
      cursor.position,
    );
  const digits = cursor.text.slice(cursor.position + 2, cursor.position + 2 + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits))
    throw new YamlProblem(`\\${letter} needs ${length} hexadecimal digits`, start);
  const point = Number.parseInt(digits, 16);
  if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff)
    throw new YamlProblem(`\\${letter}${digits} is half of a pair, or no character`, cursor.position);
  cursor.position += 2 + length;
  return String.fromCodePoint(point);
}

function skipBetweenQuotedWords(cursor: Cursor, escaped: boolean): string {
  const from = cursor.position;
  if (!escaped) {
    while (isBlank(peek(cursor))) cursor.position++;
    if (!isBreak(peek(cursor))) return cursor.text.slice(from, cursor.position);
  }
  const first = escaped ? '' : readBreak(cursor);
  let more = '';
  for (;;) {
    const char = peek(cursor);
    if (isBlank(char)) cursor.position++;
    else if (isBreak(char)) more += readBreak(cursor);
    else return foldBreaks(first, more);
  }
}
