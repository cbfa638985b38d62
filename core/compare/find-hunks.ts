import type { LineMarks } from './diff-lines.ts';

/** Changed lines with the lines around them; ends are exclusive. */
export interface Hunk {
  fromStart: number;
  fromEnd: number;
  toStart: number;
  toEnd: number;
}

/** Unchanged lines that are shown before and after a change. */
const contextLines = 3;

/** Finds the hunks of a diff; changes whose contexts touch are in one. */
export function* findHunks({ removed, added }: LineMarks): Generator<Hunk> {
  let open: Hunk | undefined;
  let fromAt = 0;
  let toAt = 0;
  while (fromAt < removed.length || toAt < added.length) {
    if (removed[fromAt] !== 1 && added[toAt] !== 1) {
      fromAt += 1;
      toAt += 1;
      continue;
    }
    if (open && fromAt - open.fromEnd > 2 * contextLines) {
      yield addContextToHunk(open, removed.length);
      open = undefined;
    }
    open ??= { fromStart: fromAt, toStart: toAt, fromEnd: fromAt, toEnd: toAt };
    while (removed[fromAt] === 1) fromAt += 1;
    while (added[toAt] === 1) toAt += 1;
    open.fromEnd = fromAt;
    open.toEnd = toAt;
  }
  if (open) yield addContextToHunk(open, removed.length);
}

function addContextToHunk({ fromStart, fromEnd, toStart, toEnd }: Hunk, fromLength: number): Hunk {
  // Equal lines surround a hunk, so both sides have as many.
  const before = Math.min(contextLines, fromStart, toStart);
  const after = Math.min(contextLines, fromLength - fromEnd);
  return {
    fromStart: fromStart - before,
    fromEnd: fromEnd + after,
    toStart: toStart - before,
    toEnd: toEnd + after,
  };
}
