import { workerData } from 'node:worker_threads';

/**
 * Word that a thread shares with the one that ends it. Node aborts the whole process when a thread ends while it makes
 * a zlib stream (20 to 24: `close before init`), so the thread marks that section, and is not ended within it.
 */
export type SectionWord = Int32Array<SharedArrayBuffer>;

/** Data that a thread is given at its start, as its `workerData`. */
export interface ThreadData {
  sectionWord: SectionWord;
}

const outside = 0;
const inside = 1;
const ending = 2;

/** Makes the word of a new thread, which is outside of any section. */
export function createSectionWord(): SectionWord {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Forbids a thread to enter another section, for good.
 * @returns whether the thread is in a section; then the thread ends itself where it leaves that
 */
export function forbidSections(word: SectionWord): boolean {
  return Atomics.exchange(word, 0, ending) === inside;
}

/**
 * Runs `work` so that the calling thread is not ended before it returns. The work is short, or makes its zlib stream
 * first: it is waited for a second. On the main thread, which nobody ends, `work` simply runs.
 */
export function runUninterrupted<T>(work: () => T): T {
  const word = ownWord();
  if (!word) return work();
  const before = Atomics.compareExchange(word, 0, outside, inside);
  // Inside already: the outer section ends it.
  if (before === inside) return work();
  if (before === ending) process.exit();
  try {
    return work();
  } finally {
    // In a worker thread this ends the thread alone.
    if (Atomics.compareExchange(word, 0, inside, outside) === ending) process.exit();
  }
}

/** Returns the word of the calling thread; undefined for one that `createThread` has not started. */
function ownWord(): SectionWord | undefined {
  const data: unknown = workerData;
  if (typeof data !== 'object' || data === null || !('sectionWord' in data)) return undefined;
  return data.sectionWord instanceof Int32Array && data.sectionWord.buffer instanceof SharedArrayBuffer
    ? new Int32Array(data.sectionWord.buffer)
    : undefined;
}
