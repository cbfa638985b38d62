import type { Context } from '../core/context.ts';
import { createBackgroundPrefetch } from './background-prefetch.ts';
import { composeFromCache } from './compose-chart.ts';
import { createPreparer } from './preparer.ts';
import { createSourceCache } from './source-cache.ts';

/** Part of an API process that composes inline and runs no jobs. */
export interface Composer {
  close(): Promise<void>;
}

/**
 * Offers inline composition of recipes that clients wait for and whose sources are in memory: cheaper than queueing a
 * job. All other recipes go to workers, and their sources are fetched for the next time.
 * @param capacity bytes of memory for sources; 0 composes nothing inline
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
