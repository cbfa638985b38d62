/** Lines of a text, cut into chunks that are drawn one at a time. */
export interface TextLines {
  lines: readonly string[];
  chunks: readonly { first: number; lines: readonly string[] }[];
}

/** Lines of a chunk. */
export const linesPerChunk = 100;
/** Longest part of a line that is shown. */
export const maxShownLength = 4_000;

/** Cuts a text into lines and chunks of lines. Lines are counted from 1. */
export function cutLines(text: string): TextLines {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  const chunks = Array.from({ length: Math.ceil(lines.length / linesPerChunk) }, (_, index) => ({
    first: index * linesPerChunk + 1,
    lines: lines.slice(index * linesPerChunk, (index + 1) * linesPerChunk),
  }));
  return { lines, chunks };
}

/** Shortens a line that would be too long to draw. */
export function shortenLine(line: string): string {
  return line.length > maxShownLength
    ? `${line.slice(0, maxShownLength)}… (${line.length.toLocaleString('en')} characters)`
    : line;
}

/** Finds the lines that have a text, counted from 1; capitals do not matter. */
export function findLines(lines: readonly string[], text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return lines.flatMap((line, index) => (line.toLowerCase().includes(wanted) ? [index + 1] : []));
}

/** Chooses the next or previous of some lines, around the end. */
export function stepLine(
  found: readonly number[],
  current: number | undefined,
  step: 1 | -1,
): number | undefined {
  if (found.length === 0) return undefined;
  const at = current ?? 0;
  if (step === 1) return found.find((line) => line > at) ?? found[0];
  return found.findLast((line) => line < at) ?? found.at(-1);
}
