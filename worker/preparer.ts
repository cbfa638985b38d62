import type { ChartLimits } from '../core/archive/limits.ts';
import { unpackSmall } from '../core/archive/read-archive.ts';
import { RegistryError } from '../core/errors.ts';
import { explainExceeded } from '../core/runtime/threads/explain-exceeded.ts';
import { createThread, workerEntryUrl } from '../core/runtime/threads/thread.ts';
import { type LoadedSource, reduceLarge } from './large-sources.ts';
import type { PrepareAnswer, PrepareRequest } from './prepare-thread.ts';
import { readSource } from './read-source.ts';
import { unpackSource } from './source-message.ts';

/** Reads and prepares archives in a thread, one after another: some 200 ms for each MB. */
export interface Preparer {
  /**
   * Reads and prepares an archive.
   * @throws {RegistryError} as `readChart` does; `service.busy` after a timeout, since the next try may be fast
   *   enough
   */
  prepare(archive: Buffer): Promise<LoadedSource>;
  close(): Promise<void>;
}

/** Options of a preparer. */
export interface PreparerOptions {
  /**
   * Bytes up to which an archive is read on the event loop, where it unpacks to eight times that at most: a thread
   * would take longer.
   */
  inPlace: number;
  /** Milliseconds for one archive. */
  timeoutMs: number;
}

/** Options of a worker's preparer. */
export const preparerDefaults: PreparerOptions = { inPlace: 8 * 1024, timeoutMs: 60_000 };

/** Largest heap of the thread in MiB, for parsed values; the bytes of files are outside the heap. */
const maxThreadHeapMib = 1024;

/** Creates a preparer with a thread of its own. */
export function createPreparer(limits: ChartLimits, options = preparerDefaults): Preparer {
  const thread = createThread<PrepareRequest, PrepareAnswer>({
    file: workerEntryUrl(import.meta.url, 'prepare-thread'),
    timeoutMs: options.timeoutMs,
    maxHeapMib: maxThreadHeapMib,
  });
  return {
    async prepare(archive) {
      const small = unpackSmall(archive, { packed: options.inPlace, unpacked: 8 * options.inPlace });
      if (small) return reduceLarge(await readSource(small, limits));
      const answer = await thread.call({ archive, limits }).catch((error: unknown) => {
        throw explainExceeded(error);
      });
      if ('source' in answer) return unpackSource(answer.source);
      if ('large' in answer) return answer.large;
      const { code, message, details } = answer.refused;
      throw new RegistryError(code, message, details);
    },
    close: () => thread.close(),
  };
}
