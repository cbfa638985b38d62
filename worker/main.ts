import type { Context } from '../core/context.ts';
import { deliveryPolicy } from '../core/queue/policies.ts';
import { createDeadline } from '../core/runtime/deadline.ts';
import { splitShutdownBudget } from '../core/runtime/shutdown-budget.ts';
import { createCollect, scheduleCollections } from './collect.ts';
import { composeFromCache } from './compose-chart.ts';
import { createDeliver } from './deliver.ts';
import { createOrchestrate } from './orchestrate.ts';
import { createPreparer } from './preparer.ts';
import { createSourceCache } from './source-cache.ts';
import { startSweeper } from './sweeper.ts';

/** A worker that takes jobs off the queue. */
export interface Worker {
  /** Takes no more, and resolves when what is in hand is done, or given back to be done by another worker. */
  close(): Promise<void>;
}

/** Bytes of memory that a worker's sources take at most. */
const cacheCapacity = 256 * 1024 * 1024;

/** Starts everything that runs off the queue, and the sweep that refills it; what can be composed at once is offered to be. */
export async function startJobWorker(context: Context): Promise<Worker> {
  const { config, jobs, log, sender } = context;
  const preparer = createPreparer(jobs.limits);
  const sources = createSourceCache(jobs.blobs, preparer, cacheCapacity);
  const withdraw = jobs.compositionSlots.offer(composeFromCache(jobs, sources), config.workerConcurrency);
  const { gcInterval, gcGrace: grace, ociExpiry: expiry } = config;
  const consumers = await Promise.all([
    jobs.queue.consume('orchestrations', config.workerConcurrency, createOrchestrate(jobs, sources, log)),
    jobs.queue.consume(
      'deliveries',
      config.workerConcurrency,
      createDeliver({ db: jobs.db, sender, log, policy: deliveryPolicy }),
    ),
    ...(gcInterval > 0
      ? [jobs.queue.consume('upkeep', 1, createCollect({ ...jobs, log }, { grace, expiry }))]
      : []),
  ]);
  const sweeper = startSweeper(jobs, log, () => scheduleCollections(jobs.queue, gcInterval));
  log.info({ concurrency: config.workerConcurrency }, 'working');
  return {
    async close() {
      withdraw();
      const deadline = createDeadline(splitShutdownBudget(config.shutdownTimeout).drainMs, []);
      try {
        await Promise.all([sweeper.stop(), ...consumers.map((consumer) => consumer.close(deadline.signal))]);
      } finally {
        deadline.dispose();
      }
      await preparer.close();
    },
  };
}
