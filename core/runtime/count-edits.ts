/**
 * Counts the edits between two names. The number is the optimal string alignment distance, in which a swap of
 * neighbours is one edit.
 */
export function countEdits(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      current.push(
        Math.min(
          costAt(previous, j) + 1,
          costAt(current, j - 1) + 1,
          costAt(previous, j - 1) + (same ? 0 : 1),
          swapped ? costAt(beforePrevious, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return costAt(previous, to.length);
}

function costAt(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
