import type { Context } from '../core/context.ts';
import { createPreparer } from '../core/sources/preparer.ts';
import { createSourceCache } from '../core/sources/source-cache.ts';
import { createInlineComposition } from './compose-chart.ts';

/** Part of an API process that composes inline and runs no jobs. */
export interface InlineComposer {
  close(): Promise<void>;
}

/**
 * Offers inline composition, which is cheaper than queueing a job.
 * @param capacity bytes of memory for sources; 0 composes nothing inline
 */
export function startInlineComposer({ jobs, log }: Context, capacity: number): InlineComposer {
  if (capacity === 0) return { close: async () => undefined };
  const preparer = createPreparer(jobs.limits);
  const sources = createSourceCache({ ...jobs, log }, preparer, capacity);
  const withdraw = jobs.compositionSlots.offer(createInlineComposition(jobs, sources.load));
  return {
    async close() {
      withdraw();
      await preparer.close();
    },
  };
}
