/** Position in a text that is being scanned. The text ends with `endMark`, so that `peek` may look three units ahead. */
export interface Cursor {
  readonly text: string;
  position: number;
  /** Offset at which the position's line begins. */
  lineStart: number;
}

/** End of a text: U+0000, which a YAML text cannot contain, as in Go's parser. */
const endMark = '\0\0\0\0';

/** UTF-16 codes of the characters that have a meaning in YAML. */
export const charCodes = {
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

/** Creates a cursor at the start of a text. */
export function createCursor(text: string): Cursor {
  return { text: text + endMark, position: 0, lineStart: 0 };
}

/** Tells whether a character is a space or a tab. */
export function isBlank(char: number): boolean {
  return char === charCodes.space || char === charCodes.tab;
}

/** Tells whether a character is a line break of YAML 1.1. YAML 1.1 has NEL, LS and PS too. */
export function isBreak(char: number): boolean {
  return (
    char === charCodes.newline ||
    char === charCodes.return ||
    (char >= 0x85 && (char === 0x85 || char === 0x2028 || char === 0x2029))
  );
}

/** Tells whether a character is a line break or the end of the text. */
export function isBreakOrEnd(char: number): boolean {
  return char === charCodes.end || isBreak(char);
}

/** Tells whether a character is a blank, a line break or the text's end. */
export function isBlankOrEnd(char: number): boolean {
  return char <= charCodes.space
    ? char === charCodes.space ||
        char === charCodes.newline ||
        char === charCodes.tab ||
        char === charCodes.return ||
        char === 0
    : char >= 0x85 && (char === 0x85 || char === 0x2028 || char === 0x2029);
}

/**
 * Tells whether a character may be in the name of an anchor or tag. A word has letters, digits, dashes and
 * underscores.
 */
export function isWord(char: number): boolean {
  return (
    (char >= 97 && char <= 122) ||
    (char >= 65 && char <= 90) ||
    (char >= 48 && char <= 57) ||
    char === 95 ||
    char === charCodes.dash
  );
}

/** Tells whether a character is a decimal digit. */
export function isDigit(char: number): boolean {
  return char >= 48 && char <= 57;
}

/** Returns the code of the character at the cursor, or some units ahead. */
export function peek(cursor: Cursor, ahead = 0): number {
  return cursor.text.charCodeAt(cursor.position + ahead);
}

/** Returns the cursor's column, counted from 0. */
export function columnOf(cursor: Cursor): number {
  return cursor.position - cursor.lineStart;
}

/** Skips spaces and tabs. */
export function skipBlanks(cursor: Cursor): void {
  while (isBlank(peek(cursor))) cursor.position++;
}

/** Skips a comment up to the end of its line. */
export function skipComment(cursor: Cursor): void {
  if (peek(cursor) !== charCodes.hash) return;
  while (!isBreakOrEnd(peek(cursor))) cursor.position++;
}

/** Skips a line break, if any, and returns its value in a scalar. LS and PS stay, others become `\n`. */
export function readBreak(cursor: Cursor): string {
  const char = peek(cursor);
  if (!isBreak(char)) return '';
  cursor.position += char === charCodes.return && peek(cursor, 1) === charCodes.newline ? 2 : 1;
  cursor.lineStart = cursor.position;
  return char >= 0x2028 ? String.fromCharCode(char) : '\n';
}

/** Tells whether a line begins at the cursor with `---` or `...`. A blank, a line break or the end must follow. */
export function isDocumentMark(cursor: Cursor): boolean {
  if (cursor.position !== cursor.lineStart) return false;
  const char = peek(cursor);
  if (char !== charCodes.dash && char !== charCodes.dot) return false;
  return peek(cursor, 1) === char && peek(cursor, 2) === char && isBlankOrEnd(peek(cursor, 3));
}
