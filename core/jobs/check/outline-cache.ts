import type { Digest } from '../../blobs/port.ts';
import type { Chart } from '../../chart/chart.ts';

/** Outlines that have been read, by the digest of their archive; the least recently used go first. */
export interface OutlineCache {
  find(digest: Digest): Chart | undefined;
  /** @param size characters of the text it was read from */
  keep(digest: Digest, chart: Chart | undefined, size: number): void;
}

/** @param capacity characters of text in all */
export function createOutlineCache(capacity: number): OutlineCache {
  const kept = new Map<Digest, { chart: Chart; size: number }>();
  let used = 0;
  return {
    find(digest) {
      const hit = kept.get(digest);
      if (!hit) return undefined;
      // Map keeps the order of insertion: what is used moves to the end.
      kept.delete(digest);
      kept.set(digest, hit);
      return hit.chart;
    },
    keep(digest, chart, size) {
      if (!chart || size > capacity || kept.has(digest)) return;
      kept.set(digest, { chart, size });
      used += size;
      for (const [oldest, entry] of kept) {
        if (used <= capacity) break;
        kept.delete(oldest);
        used -= entry.size;
      }
    },
  };
}
