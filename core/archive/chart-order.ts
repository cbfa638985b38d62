import type { ChartFiles } from '../chart/chart.ts';

/** Compares paths or names by their UTF-8 bytes. The order is the same on every machine. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = utf8RankOf(left.charCodeAt(at)) - utf8RankOf(right.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Maps a UTF-16 unit to its rank in UTF-8 order: surrogates sort behind U+E000 to U+FFFF, not before. */
function utf8RankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Sorts a chart's files into the order of an archive. The order is Chart.yaml, values.yaml, then the others by the
 * bytes of their paths. Readers want the first two early. Files in `charts/` are sorted among the others.
 */
export function orderFiles(files: ChartFiles): [string, Buffer][] {
  const heads: [string, Buffer][] = [];
  for (const path of leadingPaths) {
    const content = files.get(path);
    if (content) heads.push([path, content]);
  }
  const others = [...files].filter(([path]) => !leadingPaths.includes(path));
  return [...heads, ...others.sort(([left], [right]) => compareBytes(left, right))];
}

const leadingPaths: readonly string[] = ['Chart.yaml', 'values.yaml'];
