import type { ChartFiles } from './chart.ts';

/**
 * Compares paths or names by their UTF-8 bytes, so that the order is the same on every machine.
 */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/**
 * A chart's files in the order of an archive: Chart.yaml and values.yaml, which readers want first, then the others by
 * bytes. What lies in `charts/` keeps that order among the others.
 */
export function orderFiles(files: ChartFiles): [string, Buffer][] {
  const heads = ['Chart.yaml', 'values.yaml'];
  const rank = (path: string): number => (heads.includes(path) ? heads.indexOf(path) : heads.length);
  return [...files].sort(([left], [right]) => rank(left) - rank(right) || compareBytes(left, right));
}
