import { isBlank, isBreak } from '../parse/cursor.ts';

/** Start of the line that an offset is in. */
export function startOfLine(text: string, at: number): number {
  let start = at;
  while (start > 0 && !isBreak(text.charCodeAt(start - 1))) start--;
  return start;
}

/** End of the line that an offset is in, its break not counted. */
export function endOfLine(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isBreak(text.charCodeAt(end))) end++;
  return end;
}

export function isBlankBetween(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isBlank(text.charCodeAt(at))) return false;
  return true;
}

/** Finds the lines of a text again and again; see {@link indexLines}. */
export interface Lines {
  startOf(at: number): number;
  endOf(at: number): number;
  /** Whether only spaces and tabs stand before an offset in its line. */
  isFirst(at: number): boolean;
}

/** Notes where the lines of a text are, for one that may have many values in one long line. */
export function indexLines(text: string): Lines {
  const breaks: number[] = [];
  for (let at = 0; at < text.length; at++) if (isBreak(text.charCodeAt(at))) breaks.push(at);
  let known = { start: -1, indent: -1 };

  /** Number of breaks that stand before an offset. */
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
      if (known.start !== start) {
        let indent = start;
        while (isBlank(text.charCodeAt(indent))) indent++;
        known = { start, indent };
      }
      return at <= known.indent;
    },
  };
}

/** Line break that a text uses. */
export function newlineOf(text: string): string {
  if (text.includes('\r\n')) return '\r\n';
  return text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
}
