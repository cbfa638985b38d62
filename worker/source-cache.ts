import { buffer } from 'node:stream/consumers';
import { memoryOfPieces } from '../core/archive/assembly/index.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import type { Chart } from '../core/chart/chart.ts';
import type { Prepared } from '../core/chart/prepare.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import { createByteCache } from '../core/runtime/byte-cache.ts';
import { maxEntries } from '../core/yaml/edit/edit-cache.ts';
import type { Preparer } from './preparer.ts';

/** Charts taken apart and prepared, by the digest of their archive. They are never changed, so all jobs share them. */
export interface SourceCache {
  /** @throws when the bytes are missing or cannot be read */
  load(digest: Digest): Promise<Source>;
  /** What is there already. */
  peek(digest: Digest): Source | undefined;
  /** Whether so little is free that something may have to go for the next. */
  isFull(): boolean;
}

/** The part of a cache that may be taken before it counts as full. */
const mostlyFull = 0.9;

/** @param capacity bytes of memory that are held, about; the least recently used go first */
export function createSourceCache(blobs: BlobStore, preparer: Preparer, capacity: number): SourceCache {
  const kept = createByteCache<Source>(capacity);
  const loading = new Map<Digest, Promise<Source>>();

  async function read(digest: Digest): Promise<Source> {
    const bytes = await blobs.open(digest);
    if (!bytes) throw new Error(`the bytes of source ${digest} are missing`);
    const source = await preparer.prepare(await buffer(bytes));
    kept.set(digest, source, memoryOf(source));
    return source;
  }

  return {
    peek: (digest) => kept.get(digest),
    isFull: () => kept.size() > mostlyFull * capacity,
    async load(digest) {
      const hit = kept.get(digest);
      if (hit) return hit;
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

/** Bytes of memory that values and the places of keys take for each byte of YAML, as measured on public charts. */
const perYamlByte = 4;

/** Bytes that a source holds: its files, what was deflated of them, and what was read of them. */
export function memoryOf({ chart, prepared }: Source): number {
  return sizeOf(chart) + memoryOfPrepared(prepared);
}

function memoryOfPrepared({ pieces, editables }: Prepared): number {
  let size = 0;
  for (const one of pieces.values()) size += memoryOfPieces(one);
  for (const file of editables.keys()) size += (perYamlByte + 2 * maxEntries) * file.length;
  return size;
}
