/** Place in a text: line and column, both counted from 1; columns in characters (code points), as editors count. */
export interface Place {
  line: number;
  column: number;
}

/** Writes a place for a message. */
export function describePlace({ line, column }: Place): string {
  return `line ${line}, column ${column}`;
}

/**
 * Creates a function that computes the place of an offset in a text.
 * The text is read once, so that many places cost little, also on one long line.
 * @returns takes an offset in UTF-16 units
 */
export function createOffsetPlaceFinder(text: string): (offset: number) => Place {
  const starts = offsetsAfterMatches(text, /\n/g);
  const pairs = offsetsAfterMatches(text, /[\uD800-\uDBFF][\uDC00-\uDFFF]/g);
  return (offset) => {
    const line = countAtMost(starts, offset);
    const start = starts[line - 1] ?? 0;
    return {
      line: line + 1,
      column: 1 + offset - start - (countAtMost(pairs, offset) - countAtMost(pairs, start)),
    };
  };
}

function offsetsAfterMatches(text: string, pattern: RegExp): number[] {
  return Array.from(text.matchAll(pattern), ({ index, 0: found }) => index + found.length);
}

/** Counts the numbers of a sorted list that are at most `limit`. */
function countAtMost(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
