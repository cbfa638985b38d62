import { LRUCache } from 'lru-cache';

/** LRU cache bounded in bytes. */
export interface ByteCache<T> {
  get(key: string): T | undefined;
  /**
   * Adds or replaces an entry.
   * @param size bytes of the value with all it refers to; a value larger than the whole cache is not kept
   */
  set(key: string, value: T, size: number): void;
  delete(key: string): void;
  /** Bytes of all entries. */
  size(): number;
}

/** Bytes of an entry's own objects. */
const overheadBytes = 256;

/** Creates an LRU cache of at most `maxBytes`. */
export function createByteCache<T extends object>(maxBytes: number): ByteCache<T> {
  // A cache of less than one byte keeps nothing; lru-cache takes 0 for no bound.
  const cache = new LRUCache<string, T>({ maxSize: Math.max(1, Math.floor(maxBytes)) });

  return {
    get: (key) => cache.get(key),
    set(key, value, size) {
      // Deleted first: lru-cache keeps the old size of a value that is set again.
      cache.delete(key);
      cache.set(key, value, { size: Math.ceil(size) + 2 * key.length + overheadBytes });
    },
    delete: (key) => void cache.delete(key),
    size: () => cache.calculatedSize,
  };
}
