import { buffer } from 'node:stream/consumers';
import type { Digest } from '../blobs/port.ts';
import { createByteCache } from '../runtime/byte-cache.ts';
import { type CacheMeter, createCacheMeter } from '../runtime/cache-meter.ts';
import { shareCalls } from '../runtime/share-calls.ts';
import { isStoredWhole } from './blob-faults.ts';
import type { BlobDeps } from './examine-blob.ts';

/** Cache of small blobs by digest, for downloads. A digest names its bytes, so a cached blob is never stale. */
export interface BlobCache {
  /** Checks whether blobs of this size are cached. @param size bytes */
  accepts(size: number): boolean;
  /**
   * Returns all bytes of a blob, from memory or from the store.
   * @param size bytes; larger blobs than `accepts` allows are not for this cache
   * @returns undefined for a blob that no row references
   * @throws {RegistryError} `blob.damaged`, `blob.missing`; the errors of `admit`
   */
  read(digest: Digest, size: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Options of a cache of blobs. */
export interface BlobCacheOptions {
  /** Bytes of all cached blobs; 0 caches none. */
  maxBytes: number;
  /** Checks before each read of the store that there is room in memory. */
  admit: () => void;
  /** Counts bytes that are read and not sent yet. @returns a function to release them */
  addUnsent?: (bytes: number) => () => void;
  /** Milliseconds after which a hit has the stored blob examined; default one minute. */
  recheckMs?: number;
  meter?: CacheMeter;
}

/** Largest cached blob, as a share of the cache. */
const maxBlobShare = 1 / 16;

interface Entry {
  bytes: Uint8Array<ArrayBuffer>;
  checkedAt: number;
}

/**
 * Creates a cache of at most `maxBytes`. A copy in memory must not hide for ever that the store has lost the blob. So
 * from time to time a hit has the stored blob examined, and the copy is dropped if that is not whole. The next reader
 * then gets the error, and the fault is recorded.
 */
export function createBlobCache(
  deps: BlobDeps,
  {
    maxBytes,
    admit,
    addUnsent = () => () => undefined,
    recheckMs = 60_000,
    meter = createCacheMeter(),
  }: BlobCacheOptions,
): BlobCache {
  const cache = createByteCache<Entry>(maxBytes);
  meter.bytes = cache.size;
  const shareLoad = shareCalls<Digest, Uint8Array<ArrayBuffer> | undefined>();

  async function load(digest: Digest, size: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    admit();
    const release = addUnsent(size);
    try {
      const stored = await deps.blobs.open(digest, undefined, size);
      if (!stored) return undefined;
      const bytes = new Uint8Array(await buffer(stored));
      cache.set(digest, { bytes, checkedAt: performance.now() }, bytes.length);
      return bytes;
    } finally {
      release();
    }
  }

  /** Examines the stored blob of an entry; a store that does not answer says nothing about the blob. */
  async function recheck(digest: Digest, entry: Entry): Promise<void> {
    entry.checkedAt = performance.now();
    const isWhole = await isStoredWhole(deps, { digest, size: entry.bytes.length }).catch(() => true);
    if (!isWhole) cache.delete(digest);
  }

  return {
    accepts: (size) => size <= maxBytes * maxBlobShare,
    async read(digest, size) {
      const entry = cache.get(digest);
      if (entry) {
        meter.hits += 1;
        if (performance.now() - entry.checkedAt > recheckMs) void recheck(digest, entry);
        return entry.bytes;
      }
      meter.misses += 1;
      return shareLoad(digest, () => load(digest, size));
    },
  };
}
