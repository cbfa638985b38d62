/** Place in a text that is being scanned; the text ends in `endMark`, so that looking a little ahead is always allowed. */
export interface Cursor {
  readonly text: string;
  position: number;
  /** Start of the line that the position is in. */
  lineStart: number;
}

/** U+0000 cannot be part of a YAML text, so it marks the end of one, as in Go's parser. */
const endMark = '\0\0\0\0';

/** Codes of the characters that mean something to YAML. */
export const code = {
  end: 0,
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  exclamation: 33,
  doubleQuote: 34,
  hash: 35,
  percent: 37,
  ampersand: 38,
  quote: 39,
  asterisk: 42,
  plus: 43,
  comma: 44,
  dash: 45,
  dot: 46,
  zero: 48,
  colon: 58,
  less: 60,
  greater: 62,
  question: 63,
  at: 64,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  backtick: 96,
  openBrace: 123,
  pipe: 124,
  closeBrace: 125,
} as const;

export function createCursor(text: string): Cursor {
  return { text: text + endMark, position: 0, lineStart: 0 };
}

export function isBlank(char: number): boolean {
  return char === code.space || char === code.tab;
}

/** Line breaks of YAML 1.1: NEL, LS and PS are among them. */
export function isBreak(char: number): boolean {
  return (
    char === code.newline ||
    char === code.return ||
    (char >= 0x85 && (char === 0x85 || char === 0x2028 || char === 0x2029))
  );
}

export function isBreakOrEnd(char: number): boolean {
  return char === code.end || isBreak(char);
}

export function isBlankOrEnd(char: number): boolean {
  return char <= code.space
    ? char === code.space || char === code.newline || char === code.tab || char === code.return || char === 0
    : char >= 0x85 && (char === 0x85 || char === 0x2028 || char === 0x2029);
}

/** Letters, digits, dash and underscore, which names of anchors and tags are made of. */
export function isWord(char: number): boolean {
  return (
    (char >= 97 && char <= 122) ||
    (char >= 65 && char <= 90) ||
    (char >= 48 && char <= 57) ||
    char === 95 ||
    char === code.dash
  );
}

export function isDigit(char: number): boolean {
  return char >= 48 && char <= 57;
}

export function peek(cursor: Cursor, ahead = 0): number {
  return cursor.text.charCodeAt(cursor.position + ahead);
}

export function columnOf(cursor: Cursor): number {
  return cursor.position - cursor.lineStart;
}

export function skipBlanks(cursor: Cursor): void {
  while (isBlank(peek(cursor))) cursor.position++;
}

export function skipComment(cursor: Cursor): void {
  if (peek(cursor) !== code.hash) return;
  while (!isBreakOrEnd(peek(cursor))) cursor.position++;
}

/** Moves behind a line break, where there is one, and returns what a scalar has of it: LS and PS stay, others are `\n`. */
export function readBreak(cursor: Cursor): string {
  const char = peek(cursor);
  if (!isBreak(char)) return '';
  cursor.position += char === code.return && peek(cursor, 1) === code.newline ? 2 : 1;
  cursor.lineStart = cursor.position;
  return char >= 0x2028 ? String.fromCharCode(char) : '\n';
}

/** Whether a line begins here with `---` or `...`, and nothing behind it that would make a word of it. */
export function isDocumentMark(cursor: Cursor): boolean {
  if (cursor.position !== cursor.lineStart) return false;
  const char = peek(cursor);
  if (char !== code.dash && char !== code.dot) return false;
  return peek(cursor, 1) === char && peek(cursor, 2) === char && isBlankOrEnd(peek(cursor, 3));
}
