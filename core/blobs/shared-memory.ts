/** Bytes in memory that all threads share. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** Pool of shared memory. Bytes that are posted to a thread as a copy become garbage on both sides. */
export interface SharedMemory {
  /** Copies bytes into shared memory, which is reserved until `release`. */
  lend(bytes: Uint8Array): SharedBytes;
  /** Makes the memory available again. */
  release(lent: SharedBytes): void;
}

/** Bytes of the smallest buffer. */
const minBytes = 64 * 1024;

/**
 * Creates a pool of shared memory.
 * @param maxBuffers free buffers that are kept
 */
export function createSharedMemory(maxBuffers: number): SharedMemory {
  /** Free buffers, largest first. */
  const spare: SharedArrayBuffer[] = [];
  return {
    lend(bytes) {
      const index = spare.findLastIndex((buffer) => buffer.byteLength >= bytes.length);
      const [buffer = new SharedArrayBuffer(sizeFor(bytes.length))] = index < 0 ? [] : spare.splice(index, 1);
      const lent = new Uint8Array(buffer, 0, bytes.length);
      lent.set(bytes);
      return lent;
    },
    release({ buffer: released }) {
      spare.push(released);
      spare.sort((left, right) => right.byteLength - left.byteLength);
      spare.splice(maxBuffers);
    },
  };
}

/** Rounds up to a power of two, so that few buffers fit many sizes. */
function sizeFor(bytes: number): number {
  return Math.max(minBytes, 2 ** Math.ceil(Math.log2(bytes)));
}
