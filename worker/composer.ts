import type { Context } from '../core/context.ts';
import { createBackgroundPrefetch } from './background-prefetch.ts';
import { composeFromCache } from './compose-chart.ts';
import { createPreparer } from './preparer.ts';
import { createSourceCache } from './source-cache.ts';

/** A part of a process that takes no jobs and composes nevertheless. */
export interface Composer {
  close(): Promise<void>;
}

/**
 * Composes at once what is waited for and has its sources in memory: that costs an API less than giving the job away. All
 * others go to workers, and their sources are fetched for the next time.
 * @param capacity bytes of memory that sources take; with 0 nothing is composed
 */
export function startComposer({ config, jobs, log }: Context, capacity: number): Composer {
  if (capacity === 0) return { close: async () => undefined };
  const preparer = createPreparer(jobs.limits);
  const sources = createSourceCache(jobs.blobs, preparer, capacity);
  const prefetch = createBackgroundPrefetch(sources, (digest, error) =>
    log.debug({ digest, error }, 'a source was not fetched for the next time'),
  );
  const withdraw = jobs.compositionSlots.offer(
    composeFromCache(jobs, sources, prefetch),
    config.workerConcurrency,
  );
  return {
    async close() {
      withdraw();
      await preparer.close();
    },
  };
}
