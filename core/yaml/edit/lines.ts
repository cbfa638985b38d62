import { isBlank, isBreak } from '../parse/cursor.ts';

/** Returns the start of an offset's line. */
export function startOfLine(text: string, at: number): number {
  let start = at;
  while (start > 0 && !isBreak(text.charCodeAt(start - 1))) start--;
  return start;
}

/** Returns the end of an offset's line, before its line break. */
export function endOfLine(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isBreak(text.charCodeAt(end))) end++;
  return end;
}

/** Tells whether only spaces and tabs stand between two offsets. */
export function isBlankBetween(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isBlank(text.charCodeAt(at))) return false;
  return true;
}

/** Index of a text's lines. */
export interface LineIndex {
  /** Returns the start of an offset's line. */
  startOf(at: number): number;
  /** Returns the end of an offset's line, before its line break. */
  endOf(at: number): number;
  /** Tells whether only spaces and tabs stand before an offset in its line. */
  isFirst(at: number): boolean;
}

/** Indexes the lines of a text. With the index, thousands of lookups in one long line stay fast. */
export function indexLines(text: string): LineIndex {
  const breaks: number[] = [];
  for (let at = 0; at < text.length; at++) if (isBreak(text.charCodeAt(at))) breaks.push(at);
  let lastLine = { start: -1, indent: -1 };

  /** Counts the line breaks before an offset. */
  function countBefore(at: number): number {
    let [low, high] = [0, breaks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((breaks[middle] ?? at) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const startOf = (at: number) => (breaks[countBefore(at) - 1] ?? -1) + 1;
  return {
    startOf,
    endOf: (at) => breaks[countBefore(at)] ?? text.length,
    isFirst(at) {
      const start = startOf(at);
      if (lastLine.start !== start) {
        let indent = start;
        while (isBlank(text.charCodeAt(indent))) indent++;
        lastLine = { start, indent };
      }
      return at <= lastLine.indent;
    },
  };
}

/** Returns the line break that a text uses, `\n` by default. */
export function newlineOf(text: string): string {
  if (text.includes('\r\n')) return '\r\n';
  return text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
}
