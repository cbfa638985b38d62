/** Bytes that threads see, wherever they are sent. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/** Memory that threads share, lent for a moment and used again: what is sent to a thread by itself is garbage on both sides. */
export interface SharedMemory {
  /** Bytes in shared memory, until they are given back. */
  lend(bytes: Uint8Array): SharedBytes;
  release(lent: SharedBytes): void;
}

/** Bytes of the smallest piece. */
const least = 64 * 1024;

/** @param maxBytes pieces that are kept */
export function createSharedMemory(maxBytes: number): SharedMemory {
  /** The largest first. */
  const spare: SharedArrayBuffer[] = [];
  return {
    lend(bytes) {
      const fits = spare.findLastIndex((piece) => piece.byteLength >= bytes.length);
      const [piece = new SharedArrayBuffer(sizeFor(bytes.length))] = fits < 0 ? [] : spare.splice(fits, 1);
      const lent = new Uint8Array(piece, 0, bytes.length);
      lent.set(bytes);
      return lent;
    },
    release({ buffer }) {
      spare.push(buffer);
      spare.sort((left, right) => right.byteLength - left.byteLength);
      spare.splice(maxBytes);
    },
  };
}

/** A power of two, so that few pieces fit many sizes. */
function sizeFor(bytes: number): number {
  return Math.max(least, 2 ** Math.ceil(Math.log2(bytes)));
}
