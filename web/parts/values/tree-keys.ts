import type { ValueRow } from './values-tree.ts';

/** Row to which a key leads, or which it opens or closes. */
export interface KeyTarget {
  row: ValueRow;
  toggle: boolean;
}

/** Finds what a key does in a tree, by the custom of trees. Undefined stands for keys of no meaning. */
export function findKeyTarget(key: string, rows: readonly ValueRow[], at: number): KeyTarget | undefined {
  const row = rows[at];
  if (!row) return undefined;
  const isParent = row.children !== undefined && row.children > 0;
  if (key === 'Enter' || key === ' ') return isParent ? { row, toggle: true } : undefined;
  if (key === 'ArrowRight' && isParent && !row.open) return { row, toggle: true };
  if (key === 'ArrowLeft' && row.open) return { row, toggle: true };
  const other = rows[findTargetPlace(key, rows, at, row)];
  return other && other !== row ? { row: other, toggle: false } : undefined;
}

function findTargetPlace(key: string, rows: readonly ValueRow[], at: number, row: ValueRow): number {
  if (key === 'ArrowDown') return at + 1;
  if (key === 'ArrowUp') return at - 1;
  if (key === 'ArrowRight' && row.open) return at + 1;
  if (key === 'ArrowLeft') return rows.slice(0, at).findLastIndex(({ depth }) => depth < row.depth);
  if (key === 'PageDown') return Math.min(at + 15, rows.length - 1);
  if (key === 'PageUp') return Math.max(at - 15, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? rows.length - 1 : -1;
}
