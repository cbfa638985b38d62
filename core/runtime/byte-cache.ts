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
export function createByteCache<T>(maxBytes: number): ByteCache<T> {
  // Entries, least recently used first.
  const entries = new Map<string, { value: T; size: number }>();
  let total = 0;

  function remove(key: string): void {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      remove(key);
      const size = bytes + 2 * key.length + overheadBytes;
      if (size > maxBytes) return;
      entries.set(key, { value, size });
      total += size;
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) return;
        remove(oldest);
      }
    },
    delete: remove,
    size: () => total,
  };
}
