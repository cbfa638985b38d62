import type { ChartLimits } from '../core/archive/limits.ts';
import { RegistryError } from '../core/errors.ts';
import type { Source } from '../core/recipe/compose-prepared.ts';
import { createThread, workerEntryUrl } from '../core/runtime/threads/thread.ts';
import type { PrepareAnswer, PrepareRequest } from './prepare-thread.ts';
import { readSource } from './read-source.ts';
import { unpackSource } from './source-message.ts';

/** Reads and prepares archives beside the event loop, one after another: it takes some 200 ms a MB. */
export interface Preparer {
  /** @throws RegistryError as `readChart` does */
  prepare(archive: Buffer): Promise<Source>;
  close(): Promise<void>;
}

export interface PreparerOptions {
  /** Archives of fewer bytes are read in place: a thread would take longer. */
  inPlace: number;
  /** Milliseconds that one archive may take. */
  timeoutMs: number;
}

export const preparerDefaults: PreparerOptions = { inPlace: 8 * 1024, timeoutMs: 60_000 };

/** MiB of values that the thread may have read at once; bytes of files come on top. */
const memory = 1024;

export function createPreparer(limits: ChartLimits, options = preparerDefaults): Preparer {
  const thread = createThread<PrepareRequest, PrepareAnswer>({
    file: workerEntryUrl(import.meta.url, 'prepare-thread'),
    timeoutMs: options.timeoutMs,
    maxHeapMib: memory,
  });
  return {
    async prepare(archive) {
      if (archive.length < options.inPlace) return readSource(archive, limits);
      const answer = await thread.call({ archive, limits });
      if ('source' in answer) return unpackSource(answer.source);
      const { code, message, details } = answer.refused;
      throw new RegistryError(code, message, details);
    },
    close: () => thread.close(),
  };
}
