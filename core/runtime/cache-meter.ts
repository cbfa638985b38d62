/** Counts of a cache, which the cache itself keeps and metrics read. */
export interface CacheMeter {
  /** Reads that the cache answered. */
  hits: number;
  /** Reads for which it had no current value. */
  misses: number;
  /** Bytes in the cache. */
  bytes(): number;
}

/** Creates the meter of a cache that is empty. */
export function createCacheMeter(): CacheMeter {
  return { hits: 0, misses: 0, bytes: () => 0 };
}
