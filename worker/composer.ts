import type { Context } from '../core/context.ts';
import { createBackgroundPrefetch } from './background-prefetch.ts';
import { composeInPlaceFrom } from './compose-chart.ts';
import { createPreparer } from './preparer.ts';
import { createSourceCache } from './source-cache.ts';

/** Part of an API process that composes inline and runs no jobs. */
export interface Composer {
  close(): Promise<void>;
}

/**
 * Offers inline composition of recipes whose sources are in memory, which is cheaper than queueing a job.
 * All other recipes go to workers, and their sources are fetched for the next time.
 * @param capacity bytes of memory for sources; 0 composes nothing inline
 */
export function startComposer({ jobs, log }: Context, capacity: number): Composer {
  if (capacity === 0) return { close: async () => undefined };
  const preparer = createPreparer(jobs.limits);
  const sources = createSourceCache(jobs.blobs, preparer, capacity);
  const prefetch = createBackgroundPrefetch(sources, (digest, error) =>
    log.debug({ digest, error }, 'a source was not fetched for the next time'),
  );
  const withdraw = jobs.compositionSlots.offer(
    composeInPlaceFrom(jobs, async (digest) => {
      const source = sources.peek(digest);
      if (!source) prefetch(digest);
      return source;
    }),
  );
  return {
    async close() {
      withdraw();
      await preparer.close();
    },
  };
}
