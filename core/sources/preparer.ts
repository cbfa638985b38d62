import type { ChartLimits } from '../archive/limits.ts';
import { unpackSmall } from '../archive/read-archive.ts';
import { RegistryError } from '../errors.ts';
import { explainExceeded } from '../runtime/threads/explain-exceeded.ts';
import { createThread, workerEntryUrl } from '../runtime/threads/thread.ts';
import { type LoadedSource, reduceIfLarge } from './large-sources.ts';
import type { PrepareAnswer, PrepareRequest } from './prepare-thread.ts';
import { readSource } from './read-source.ts';

/**
 * Result of preparing: the source itself, of a small archive that was read on the event loop, or its prepared form.
 * The outline is made by preparers whose options say `isAhead`.
 */
export type Preparation = { source: LoadedSource } | { form: Uint8Array; outline?: string };

/** Reads and prepares archives in a thread, one after another: some 200 ms for each MB. */
export interface Preparer {
  /**
   * Reads and prepares an archive.
   * @throws {RegistryError} as `readChart` does; `service.busy` after a timeout, since the next try may be fast
   *   enough
   */
  prepare(archive: Buffer): Promise<Preparation>;
  close(): Promise<void>;
}

/** Options of a preparer. */
export interface PreparerOptions {
  /**
   * Largest archive in bytes that is read on the event loop, if it unpacks to eight times that at most. A thread would
   * take longer.
   */
  inPlace: number;
  /** Milliseconds for one archive. */
  timeoutMs: number;
  /** Whether nobody waits for the results: the thread runs at low priority. Default false. */
  isAhead?: boolean;
}

/** Options of a worker's preparer. */
export const preparerDefaults: PreparerOptions = { inPlace: 8 * 1024, timeoutMs: 60_000 };

/** Largest heap of the thread in MiB, for parsed values; the bytes of files are outside the heap. */
const maxThreadHeapMib = 1024;

/** Creates a preparer with a thread of its own. */
export function createPreparer(limits: ChartLimits, options = preparerDefaults): Preparer {
  const { inPlace, timeoutMs, isAhead = false } = options;
  const thread = createThread<PrepareRequest, PrepareAnswer>({
    file: workerEntryUrl(import.meta.url, 'prepare-thread'),
    timeoutMs,
    maxHeapMib: maxThreadHeapMib,
  });
  return {
    async prepare(archive) {
      const small = unpackSmall(archive, { packed: inPlace, unpacked: 8 * inPlace });
      if (small) return { source: reduceIfLarge(await readSource(small, limits)) };
      const answer = await thread.call({ archive, limits, isAhead }).catch((error: unknown) => {
        throw explainExceeded(error);
      });
      if ('form' in answer) return answer;
      const { code, message, details } = answer.refused;
      throw new RegistryError(code, message, details);
    },
    close: () => thread.close(),
  };
}
