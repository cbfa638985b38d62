import { buffer } from 'node:stream/consumers';
import { memoryOfPieces } from '../core/archive/assembly/index.ts';
import type { BlobStore, Digest } from '../core/blobs/port.ts';
import type { Prepared } from '../core/chart/prepare.ts';
import { createByteCache } from '../core/runtime/byte-cache.ts';
import { maxEntries } from '../core/yaml/edit/edit-cache.ts';
import { isLarge, type LoadedSource, unpackedSizeOf } from './large-sources.ts';
import type { Preparer } from './preparer.ts';

/** Cache of prepared sources by the digest of their archive. Sources never change, so all jobs share them. */
export interface SourceCache {
  /**
   * Loads a source from the cache, or from the store.
   * @throws when the blob is missing or cannot be read
   */
  load(digest: Digest): Promise<LoadedSource>;
  /** Returns a source if it is cached. */
  peek(digest: Digest): LoadedSource | undefined;
  /** Checks whether the next source may evict another. */
  isFull(): boolean;
}

/** Share of the capacity above which the cache counts as full. */
const fullShare = 0.9;

/**
 * Creates a cache of sources that evicts the least recently used.
 * @param capacity approximate bytes of memory
 */
export function createSourceCache(blobs: BlobStore, preparer: Preparer, capacity: number): SourceCache {
  const cache = createByteCache<LoadedSource>(capacity);
  const loading = new Map<Digest, Promise<LoadedSource>>();

  async function read(digest: Digest): Promise<LoadedSource> {
    const bytes = await blobs.open(digest);
    if (!bytes) throw new Error(`the bytes of source ${digest} are missing`);
    const source = await preparer.prepare(await buffer(bytes));
    cache.set(digest, source, memoryOf(source));
    return source;
  }

  return {
    peek: (digest) => cache.get(digest),
    isFull: () => cache.size() > fullShare * capacity,
    async load(digest) {
      const hit = cache.get(digest);
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

/** Estimated bytes of memory of a large source: its size and the entry in the cache. */
const largeSourceSize = 128;

/** Bytes of memory for values and key positions per byte of YAML, measured on public charts. */
const perYamlByte = 4;

/** Estimates the bytes of memory of a source: its files, their deflated pieces, and their parsed YAML. */
export function memoryOf(source: LoadedSource): number {
  return isLarge(source) ? largeSourceSize : unpackedSizeOf(source) + memoryOfPrepared(source.prepared);
}

function memoryOfPrepared({ pieces, editables }: Prepared): number {
  let size = 0;
  for (const piecesOfChart of pieces.values()) size += memoryOfPieces(piecesOfChart);
  for (const file of editables.keys()) size += (perYamlByte + 2 * maxEntries) * file.length;
  return size;
}
