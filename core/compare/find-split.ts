/** Part of two lists of lines: `a` from `aStart` to `aEnd`, and `b` from `bStart` to `bEnd`. */
export interface Box {
  aStart: number;
  aEnd: number;
  bStart: number;
  bEnd: number;
}

/** Lines as numbers, and the rows of furthest points, which all searches of one diff share. */
export interface SplitSearch {
  a: Int32Array;
  b: Int32Array;
  forward: Int32Array;
  backward: Int32Array;
  /** Index of diagonal 0 in the rows. */
  origin: number;
  /** Edits after which a search ends with the furthest point that it has reached. */
  maxEdits: number;
}

const unreachedRow = 2 ** 31 - 1;

/** Creates the memory of searches: some numbers for each line. */
export function createSplitSearch(a: Int32Array, b: Int32Array): SplitSearch {
  const diagonals = a.length + b.length + 3;
  return {
    a,
    b,
    forward: new Int32Array(diagonals),
    backward: new Int32Array(diagonals),
    origin: b.length + 1,
    maxEdits: Math.max(256, Math.ceil(Math.sqrt(diagonals))),
  };
}

/**
 * Finds a point through which a short path of edits leads. Myers (1986) calls it the middle snake. The search goes from
 * both corners of the box. It ends after `maxEdits` with the furthest point, as in GNU diff and git, and so never takes
 * quadratic time. The path is right then too, but perhaps not the shortest.
 * @param box both of its lists have lines; the first lines differ, and the last ones
 * @returns the point, and the steps that the search took
 */
export function findSplit(
  { a, b, forward, backward, origin, maxEdits }: SplitSearch,
  { aStart, aEnd, bStart, bEnd }: Box,
): { a: number; b: number; steps: number } {
  const lowest = aStart - bEnd;
  const highest = aEnd - bStart;
  const first = { low: aStart - bStart, high: aStart - bStart };
  const last = { low: aEnd - bEnd, high: aEnd - bEnd };
  const isOdd = ((first.low - last.low) & 1) !== 0;
  let steps = 0;
  forward[origin + first.low] = aStart;
  backward[origin + last.low] = aEnd;
  for (let edits = 1; ; edits += 1) {
    widen(forward, origin, first, { lowest, highest, limit: -1 });
    for (let k = first.high; k >= first.low; k -= 2) {
      const below = forward[origin + k - 1] ?? 0;
      const above = forward[origin + k + 1] ?? 0;
      let at = below >= above ? below + 1 : above;
      const from = at;
      while (at < aEnd && at - k < bEnd && a[at] === b[at - k]) at += 1;
      steps += 1 + at - from;
      forward[origin + k] = at;
      if (isOdd && last.low <= k && k <= last.high && (backward[origin + k] ?? 0) <= at)
        return { a: at, b: at - k, steps };
    }
    widen(backward, origin, last, { lowest, highest, limit: unreachedRow });
    for (let k = last.high; k >= last.low; k -= 2) {
      const below = backward[origin + k - 1] ?? 0;
      const above = backward[origin + k + 1] ?? 0;
      let at = below < above ? below : above - 1;
      const from = at;
      while (at > aStart && at - k > bStart && a[at - 1] === b[at - k - 1]) at -= 1;
      steps += 1 + from - at;
      backward[origin + k] = at;
      if (!isOdd && first.low <= k && k <= first.high && at <= (forward[origin + k] ?? 0))
        return { a: at, b: at - k, steps };
    }
    if (edits >= maxEdits) break;
  }
  const reached = furthest(forward, origin, first, (k, at) => {
    const inside = Math.min(at, aEnd, bEnd + k);
    return { a: inside, gain: inside - aStart + (inside - k - bStart) };
  });
  const met = furthest(backward, origin, last, (k, at) => {
    const inside = Math.max(at, aStart, bStart + k);
    return { a: inside, gain: aEnd - inside + (bEnd - inside + k) };
  });
  const best = reached.gain >= met.gain ? reached : met;
  return { a: best.a, b: best.a - best.k, steps };
}

/** Widens the diagonals of a search by one on each side, within the box. Beyond its ends a row has `limit`. */
function widen(
  row: Int32Array,
  origin: number,
  range: { low: number; high: number },
  { lowest, highest, limit }: { lowest: number; highest: number; limit: number },
): void {
  if (range.low > lowest) {
    range.low -= 1;
    row[origin + range.low - 1] = limit;
  } else range.low += 1;
  if (range.high < highest) {
    range.high += 1;
    row[origin + range.high + 1] = limit;
  } else range.high -= 1;
}

/** Finds the diagonal of a search that came furthest. */
function furthest(
  row: Int32Array,
  origin: number,
  { low, high }: { low: number; high: number },
  measure: (k: number, at: number) => { a: number; gain: number },
): { a: number; k: number; gain: number } {
  let best = { a: 0, k: 0, gain: -1 };
  for (let k = high; k >= low; k -= 2) {
    const { a, gain } = measure(k, row[origin + k] ?? 0);
    if (gain > best.gain) best = { a, k, gain };
  }
  return best;
}
