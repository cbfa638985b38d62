import type { Context } from '../core/context.ts';
import { createPreparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { composeInPlaceFrom } from './compose-chart.ts';

/** Part of an API process that composes inline and runs no jobs. */
export interface Composer {
  close(): Promise<void>;
}

/**
 * Offers inline composition, which is cheaper than queueing a job.
 * @param capacity bytes of memory for sources; 0 composes nothing inline
 */
export function startComposer({ jobs, log }: Context, capacity: number): Composer {
  if (capacity === 0) return { close: async () => undefined };
  const preparer = createPreparer(jobs.limits);
  const sources = createSourceCache({ ...jobs, log }, preparer, capacity);
  const withdraw = jobs.compositionSlots.offer(composeInPlaceFrom(jobs, sources.load));
  return {
    async close() {
      withdraw();
      await preparer.close();
    },
  };
}
