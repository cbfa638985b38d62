import type { DiffBudget } from './budget.ts';
import { type Box, createSplitSearch, findSplit, type SplitSearch } from './find-split.ts';

/** Marks of two lists of lines: 1 for a line that the other list lacks. */
export interface LineMarks {
  removed: Uint8Array;
  added: Uint8Array;
}

/** Steps that are charged for reading a line. */
const stepsOfLine = 10;

/**
 * Marks the lines in which two texts differ, near the smallest number of them.
 * Bounds its work in steps, not in time, so equal texts have equal marks on every machine. Lines that are left when the
 * steps are spent count as different.
 * @returns undefined when there are more lines than the steps suffice for
 */
export function diffLines(
  from: readonly string[],
  to: readonly string[],
  budget: Pick<DiffBudget, 'steps'>,
): LineMarks | undefined {
  budget.steps -= stepsOfLine * (from.length + to.length);
  if (budget.steps < 0) return undefined;
  const marks = { removed: new Uint8Array(from.length), added: new Uint8Array(to.length) };
  const { start, fromEnd, toEnd } = trimEqual(from, to);
  const ids = new Map<string, number>();
  const fromIds = numberLines(from, start, fromEnd, ids);
  const known = ids.size;
  const toIds = numberLines(to, start, toEnd, ids);
  // Lines that the other text lacks are different in any case, and need no search.
  const inTo = new Uint8Array(ids.size);
  for (const id of toIds) inTo[id] = 1;
  const a = keepSharedLines(fromIds, start, marks.removed, (id) => inTo[id] === 1);
  const b = keepSharedLines(toIds, start, marks.added, (id) => id < known);
  markBoxes(createSplitSearch(a.ids, b.ids), budget, {
    removed: (line) => {
      marks.removed[a.lines[line] ?? 0] = 1;
    },
    added: (line) => {
      marks.added[b.lines[line] ?? 0] = 1;
    },
  });
  return marks;
}

/** Finds the lines between the equal beginning and the equal end of two texts. */
function trimEqual(from: readonly string[], to: readonly string[]) {
  let start = 0;
  const shorter = Math.min(from.length, to.length);
  while (start < shorter && from[start] === to[start]) start += 1;
  let fromEnd = from.length;
  let toEnd = to.length;
  while (fromEnd > start && toEnd > start && from[fromEnd - 1] === to[toEnd - 1]) {
    fromEnd -= 1;
    toEnd -= 1;
  }
  return { start, fromEnd, toEnd };
}

/** Gives equal lines equal numbers. */
function numberLines(
  lines: readonly string[],
  start: number,
  end: number,
  ids: Map<string, number>,
): Int32Array {
  const numbers = new Int32Array(end - start);
  for (let index = start; index < end; index += 1) {
    const line = lines[index] ?? '';
    let id = ids.get(line);
    if (id === undefined) {
      id = ids.size;
      ids.set(line, id);
    }
    numbers[index - start] = id;
  }
  return numbers;
}

/** Keeps the lines that both texts have, with their places, and marks the others. */
function keepSharedLines(
  ids: Int32Array,
  start: number,
  marks: Uint8Array,
  isShared: (id: number) => boolean,
): { ids: Int32Array; lines: Int32Array } {
  const kept = new Int32Array(ids.length);
  const lines = new Int32Array(ids.length);
  let count = 0;
  for (const [index, id] of ids.entries()) {
    if (isShared(id)) {
      kept[count] = id;
      lines[count] = start + index;
      count += 1;
    } else marks[start + index] = 1;
  }
  return { ids: kept.subarray(0, count), lines: lines.subarray(0, count) };
}

/** Splits the box of all lines until one side of each box is empty; the lines of the other side are marked. */
function markBoxes(
  search: SplitSearch,
  budget: Pick<DiffBudget, 'steps'>,
  mark: { removed(line: number): void; added(line: number): void },
): void {
  const boxes: Box[] = [{ aStart: 0, aEnd: search.a.length, bStart: 0, bEnd: search.b.length }];
  for (let box = boxes.pop(); box; box = boxes.pop()) {
    const rest = trimBox(search, box);
    budget.steps -= 1 + rest.trimmed;
    const { aStart, aEnd, bStart, bEnd } = rest.box;
    if (aStart === aEnd || bStart === bEnd || budget.steps < 0) {
      for (let line = aStart; line < aEnd; line += 1) mark.removed(line);
      for (let line = bStart; line < bEnd; line += 1) mark.added(line);
      continue;
    }
    const split = findSplit(search, rest.box);
    budget.steps -= split.steps;
    boxes.push({ aStart: split.a, aEnd, bStart: split.b, bEnd });
    boxes.push({ aStart, aEnd: split.a, bStart, bEnd: split.b });
  }
}

/** Takes the equal lines from both ends of a box. */
function trimBox({ a, b }: SplitSearch, box: Box): { box: Box; trimmed: number } {
  let { aStart, aEnd, bStart, bEnd } = box;
  while (aStart < aEnd && bStart < bEnd && a[aStart] === b[bStart]) {
    aStart += 1;
    bStart += 1;
  }
  while (aStart < aEnd && bStart < bEnd && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd -= 1;
    bEnd -= 1;
  }
  return { box: { aStart, aEnd, bStart, bEnd }, trimmed: aStart - box.aStart + (box.aEnd - aEnd) };
}
