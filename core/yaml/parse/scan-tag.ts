import { YamlProblem } from '../yaml-source.ts';
import {
  type Cursor,
  charCodes,
  isBlank,
  isBlankOrEnd,
  isBreakOrEnd,
  isDigit,
  isWord,
  peek,
  readBreak,
  skipBlanks,
  skipComment,
} from './cursor.ts';

/** Tag as the text has it; `handle` is empty for `!<...>` and for `!` alone. */
export interface TagScan {
  handle: string;
  suffix: string;
}

/** Directive `%YAML` or `%TAG`. */
export type Directive =
  | { type: 'version'; version: string; start: number }
  | { type: 'tag'; handle: string; prefix: string; start: number };

/**
 * Scans the name behind `&` or `*`.
 * @throws YamlProblem
 */
export function scanAnchor(cursor: Cursor): string {
  const start = cursor.position++;
  const from = cursor.position;
  while (isWord(peek(cursor))) cursor.position++;
  const next = peek(cursor);
  if (cursor.position === from || (!isBlankOrEnd(next) && !'?:,]}%@`'.includes(String.fromCharCode(next))))
    throw new YamlProblem('the name of an anchor may have letters, digits, - and _ only', start);
  return cursor.text.slice(from, cursor.position);
}

/**
 * Scans a tag as `yaml_parser_scan_tag` of go.yaml.in/yaml/v2 does.
 * @throws YamlProblem
 */
export function scanTag(cursor: Cursor): TagScan {
  const start = cursor.position;
  let tag: TagScan;
  if (peek(cursor, 1) === charCodes.less) {
    cursor.position += 2;
    tag = { handle: '', suffix: scanUri(cursor, '', start) };
    if (peek(cursor) !== charCodes.greater)
      throw new YamlProblem('a tag that begins with !< ends with >', start);
    cursor.position++;
  } else {
    const handle = scanHandle(cursor, false, start);
    if (handle.length > 1 && handle.endsWith('!')) tag = { handle, suffix: scanUri(cursor, '', start) };
    else {
      const suffix = scanUri(cursor, handle, start);
      tag = suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
    }
  }
  if (!isBlankOrEnd(peek(cursor))) throw new YamlProblem('a space must follow a tag', cursor.position);
  return tag;
}

function scanHandle(cursor: Cursor, directive: boolean, start: number): string {
  const from = cursor.position;
  if (peek(cursor) !== charCodes.exclamation) throw new YamlProblem('a tag begins with !', start);
  cursor.position++;
  while (isWord(peek(cursor))) cursor.position++;
  if (peek(cursor) === charCodes.exclamation) cursor.position++;
  else if (directive && cursor.position - from > 1)
    throw new YamlProblem('the handle of a %TAG directive ends with !', start);
  return cursor.text.slice(from, cursor.position);
}

function scanUri(cursor: Cursor, head: string, start: number): string {
  let uri = head.slice(1);
  let some = head !== '';
  for (;;) {
    const char = peek(cursor);
    if (char === charCodes.percent) uri += scanUriEscape(cursor, start);
    else {
      const from = cursor.position;
      while (isUriCharacter(peek(cursor))) cursor.position++;
      if (cursor.position === from) break;
      uri += cursor.text.slice(from, cursor.position);
    }
    some = true;
  }
  if (!some) throw new YamlProblem('a tag needs a name', start);
  return uri;
}

const uriMarks = new Set(Array.from(";/?:@&=+$,.!~*'()[]", (mark) => mark.charCodeAt(0)));

function isUriCharacter(char: number): boolean {
  return isWord(char) || uriMarks.has(char);
}

function scanUriEscape(cursor: Cursor, start: number): string {
  const digits = cursor.text.slice(cursor.position + 1, cursor.position + 3);
  if (/^[0-7][0-9a-fA-F]$/.test(digits)) {
    cursor.position += 3;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  const escaped = /^(?:%[0-9a-fA-F]{2}){1,4}/.exec(cursor.text.slice(cursor.position, cursor.position + 12));
  const bytes = Buffer.from((escaped?.[0] ?? '').replaceAll('%', ''), 'hex');
  const first = bytes[0] ?? 0xff;
  const width = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 5;
  const rest = bytes.subarray(1, width);
  if (first >= 0xf8 || bytes.length < width || rest.some((byte) => (byte & 0xc0) !== 0x80))
    throw new YamlProblem('a tag has an escape that is not UTF-8', start);
  cursor.position += 3 * width;
  return bytes.subarray(0, width).toString('utf8');
}

/**
 * Scans a directive, a line that begins with `%`.
 * @throws YamlProblem
 */
export function scanDirective(cursor: Cursor): Directive {
  const start = cursor.position++;
  const from = cursor.position;
  while (isWord(peek(cursor))) cursor.position++;
  const name = cursor.text.slice(from, cursor.position);
  const known = (name === 'YAML' || name === 'TAG') && isBlankOrEnd(peek(cursor));
  if (!known) throw new YamlProblem('the only directives are %YAML and %TAG', start);
  skipBlanks(cursor);
  const directive = name === 'YAML' ? scanYamlDirective(cursor, start) : scanTagDirective(cursor, start);
  skipBlanks(cursor);
  skipComment(cursor);
  if (!isBreakOrEnd(peek(cursor))) throw new YamlProblem('nothing may follow a directive in its line', start);
  readBreak(cursor);
  return directive;
}

function scanYamlDirective(cursor: Cursor, start: number): Directive {
  const from = cursor.position;
  while (isDigit(peek(cursor)) || peek(cursor) === charCodes.dot) cursor.position++;
  const version = cursor.text.slice(from, cursor.position);
  const parts = /^(\d{1,2})\.(\d{1,2})$/.exec(version);
  if (!parts) throw new YamlProblem('%YAML needs a version, such as 1.1', start);
  return { type: 'version', version: `${Number(parts[1])}.${Number(parts[2])}`, start };
}

function scanTagDirective(cursor: Cursor, start: number): Directive {
  const handle = scanHandle(cursor, true, start);
  if (!isBlank(peek(cursor))) throw new YamlProblem('%TAG needs a handle and a prefix', start);
  skipBlanks(cursor);
  const prefix = scanUri(cursor, '', start);
  if (!isBlankOrEnd(peek(cursor))) throw new YamlProblem('%TAG needs a handle and a prefix', start);
  return { type: 'tag', handle, prefix, start };
}
