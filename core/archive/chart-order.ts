import type { ChartFiles } from '../chart/chart.ts';

/**
 * Compares paths or names by their UTF-8 bytes, so that the order is the same on every machine.
 */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = rankOf(left.charCodeAt(at)) - rankOf(right.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** UTF-16 sorts as UTF-8 does, but for the halves of pairs, which come before U+E000 to U+FFFF and belong behind. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * A chart's files in the order of an archive: Chart.yaml and values.yaml, which readers want first, then the others by
 * bytes. What lies in `charts/` keeps that order among the others.
 */
export function orderFiles(files: ChartFiles): [string, Buffer][] {
  const heads: [string, Buffer][] = [];
  for (const path of headPaths) {
    const content = files.get(path);
    if (content) heads.push([path, content]);
  }
  const others = [...files].filter(([path]) => !headPaths.includes(path));
  return [...heads, ...others.sort(([left], [right]) => compareBytes(left, right))];
}

const headPaths: readonly string[] = ['Chart.yaml', 'values.yaml'];
