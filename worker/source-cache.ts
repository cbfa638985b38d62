import type { BlobStore, Digest } from '../core/blobs/port.ts';
import type { Chart } from '../core/chart/chart.ts';
import type { ChartLimits } from '../core/chart/limits.ts';
import { readChart } from '../core/chart/read-chart.ts';

/** Charts taken apart, by the digest of their archive. They are never changed, so all jobs share them. */
export interface SourceCache {
  /** @throws when the bytes are missing or cannot be read */
  load(digest: Digest): Promise<Chart>;
}

/** @param capacity bytes of file contents that are kept; the least recently used go first */
export function createSourceCache(blobs: BlobStore, limits: ChartLimits, capacity: number): SourceCache {
  const kept = new Map<Digest, { chart: Chart; size: number }>();
  const loading = new Map<Digest, Promise<Chart>>();
  let used = 0;

  async function read(digest: Digest): Promise<Chart> {
    const bytes = await blobs.open(digest);
    if (!bytes) throw new Error(`the bytes of source ${digest} are missing`);
    const chart = await readChart(bytes, limits);
    keep(digest, chart);
    return chart;
  }

  function keep(digest: Digest, chart: Chart): void {
    const size = sizeOf(chart);
    if (size > capacity) return;
    kept.set(digest, { chart, size });
    used += size;
    for (const [oldest, entry] of kept) {
      if (used <= capacity) break;
      kept.delete(oldest);
      used -= entry.size;
    }
  }

  return {
    async load(digest) {
      const hit = kept.get(digest);
      if (hit) {
        // Map keeps the order of insertion: what is used moves to the end.
        kept.delete(digest);
        kept.set(digest, hit);
        return hit.chart;
      }
      const running = loading.get(digest) ?? read(digest);
      loading.set(digest, running);
      try {
        return await running;
      } finally {
        loading.delete(digest);
      }
    },
  };
}

/** Bytes of a chart's files, its subcharts' included. */
export function sizeOf(chart: Chart): number {
  let size = 0;
  for (const bytes of chart.files.values()) size += bytes.length;
  for (const subchart of chart.subcharts) size += sizeOf(subchart);
  return size;
}
