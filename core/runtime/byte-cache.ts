import { LRUCache } from 'lru-cache';

/** Values that were used last, within a bound of bytes. */
export interface ByteCache<T> {
  get(key: string): T | undefined;
  /** @param size bytes of the value and of everything it refers to; a value larger than the cache is not kept */
  set(key: string, value: T, size: number): void;
  delete(key: string): void;
  /** Bytes of all entries. */
  size(): number;
}

/** Bytes that an entry costs beside its key and value. */
const overhead = 256;

/** Creates a cache that drops the least recently used entries first. @param maxBytes of all entries */
export function createByteCache<T extends object>(maxBytes: number): ByteCache<T> {
  // A cache of less than one byte keeps nothing; lru-cache takes 0 for no bound.
  const cache = new LRUCache<string, T>({ maxSize: Math.max(1, Math.floor(maxBytes)) });
  return {
    get: (key) => cache.get(key),
    set(key, value, size) {
      // Deleted first: lru-cache keeps the old size of a value that is set again.
      cache.delete(key);
      cache.set(key, value, { size: Math.ceil(size) + 2 * key.length + overhead });
    },
    delete: (key) => void cache.delete(key),
    size: () => cache.calculatedSize,
  };
}
