import type { DiffBudget } from './budget.ts';
import { writeDiffHead, writeFileNameLines } from './diff-head.ts';
import { diffLines, type LineMarks } from './diff-lines.ts';
import { findHunks, type Hunk } from './find-hunks.ts';

/** Unified diff of a file. */
export interface FileDiff {
  diff: string;
  truncated: boolean;
}

/** Text of a file on both sides; undefined where the side lacks the file. */
export interface FileTexts {
  from: string | undefined;
  to: string | undefined;
}

/**
 * Writes the unified diff of a file in git's form, which `patch -p1` reads too.
 * A diff that would be too long ends at a line, and its last hunk counts the lines that it has.
 * @param budget is charged; where it does not suffice for reading all lines, there are no hunks
 */
export function writeUnifiedDiff(path: string, { from, to }: FileTexts, budget: DiffBudget): FileDiff {
  const sides = { hasFrom: from !== undefined, hasTo: to !== undefined };
  const head = writeDiffHead(path, sides);
  const names = writeFileNameLines(path, sides);
  if (!chargeDiffBytes(budget, head.length + names.length, head + names))
    return { diff: '', truncated: true };
  const lines = { from: splitLines(from ?? ''), to: splitLines(to ?? '') };
  const marks = diffLines(lines.from, lines.to, budget);
  if (!marks) return { diff: head, truncated: true };
  const hunks: string[] = [];
  let isWhole = true;
  for (const hunk of findHunks(marks)) {
    const written = writeHunk(hunk, marks, lines, budget);
    hunks.push(written.text);
    isWhole = written.isWhole;
    if (!isWhole) break;
  }
  const text = hunks.join('');
  // An empty file that comes or goes has no hunk, and git writes no names then.
  return { diff: text === '' ? head : `${head}${names}${text}`, truncated: !isWhole };
}

/** Bytes that a hunk's first line has at the most. */
const hunkHeadBytes = 64;

function writeHunk(
  { fromStart, fromEnd, toStart, toEnd }: Hunk,
  { removed, added }: LineMarks,
  { from, to }: { from: readonly string[]; to: readonly string[] },
  budget: DiffBudget,
): { text: string; isWhole: boolean } {
  const lines: string[] = [];
  let fromAt = fromStart;
  let toAt = toStart;
  let hasChange = false;
  let isWhole = chargeDiffBytes(budget, hunkHeadBytes);
  while (isWhole && (fromAt < fromEnd || toAt < toEnd)) {
    const isRemoved = removed[fromAt] === 1;
    const isAdded = !isRemoved && added[toAt] === 1;
    const line = (isAdded ? to[toAt] : from[fromAt]) ?? '';
    const written = writeLine(isRemoved ? '-' : isAdded ? '+' : ' ', line);
    isWhole = chargeDiffBytes(budget, written.length, written);
    if (!isWhole) break;
    lines.push(written);
    hasChange ||= isRemoved || isAdded;
    if (!isAdded) fromAt += 1;
    if (!isRemoved) toAt += 1;
  }
  if (!hasChange) return { text: '', isWhole };
  const head = `@@ -${writeRange(fromStart, fromAt)} +${writeRange(toStart, toAt)} @@\n`;
  return { text: head + lines.join(''), isWhole };
}

/** Writes the lines of a side as the head of a hunk has them: the first, from 1, and their number. */
function writeRange(start: number, end: number): string {
  const count = end - start;
  // Without lines, the number is that of the line before.
  const first = count === 0 ? start : start + 1;
  return count === 1 ? String(first) : `${first},${count}`;
}

function writeLine(mark: '-' | '+' | ' ', line: string): string {
  return line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
}

/** Charges the bytes of a text. @returns false, and leaves the budget as it is, where they do not fit */
function chargeDiffBytes(budget: DiffBudget, atLeast: number, text?: string): boolean {
  if (atLeast > budget.bytes) return false;
  const bytes = text === undefined ? atLeast : Buffer.byteLength(text);
  if (bytes > budget.bytes) return false;
  budget.bytes -= bytes;
  return true;
}

/** Splits a text into lines, each with the line feed that ends it. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    lines.push(text.slice(start, end + 1));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}
