/** Keeps what was used last, within a bound of bytes. */
export interface ByteCache<T> {
  get(key: string): T | undefined;
  /** @param size bytes, its own and what hangs on it; what is larger than the whole cache is not kept */
  set(key: string, value: T, size: number): void;
  delete(key: string): void;
  /** Bytes of all that is kept. */
  size(): number;
}

/** Bytes that an entry costs beside what it holds. */
const overhead = 256;

/** @param limit bytes */
export function createByteCache<T>(limit: number): ByteCache<T> {
  // In the order in which they were used.
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
      const size = bytes + 2 * key.length + overhead;
      if (size > limit) return;
      entries.set(key, { value, size });
      total += size;
      for (const oldest of entries.keys()) {
        if (total <= limit) return;
        remove(oldest);
      }
    },
    delete: remove,
    size: () => total,
  };
}
