import type { JobsOptions } from 'bullmq';
import { batchCalls } from '../runtime/batch-calls.ts';
import type { Driver, Producer } from './driver.ts';
import type { QueueName, RetryPolicy } from './port.ts';

/** Opens each queue's producer once; the next call retries one that failed. */
export function createProducers(driver: Driver) {
  const producers = new Map<QueueName, Promise<Producer>>();
  return {
    get(queue: QueueName): Promise<Producer> {
      const known = producers.get(queue);
      if (known) return known;
      const opened = driver.openProducer(queue);
      producers.set(queue, opened);
      opened.catch(() => producers.delete(queue));
      return opened;
    },
    async close(): Promise<void> {
      await Promise.allSettled([...producers.values()].map(async (producer) => (await producer).close()));
    },
  };
}

/** Largest number of calls whose ids are enqueued together. */
const maxCallsPerAdd = 100;

/** Creates the functions that enqueue ids; ids of calls that come together are added together. */
export function createEnqueuers(
  producers: ReturnType<typeof createProducers>,
  policies: Record<QueueName, RetryPolicy>,
): Record<QueueName, (ids: readonly string[]) => Promise<void>> {
  const createEnqueuer = (queue: QueueName) => {
    const add = batchCalls(
      async (calls: (readonly string[])[]) => {
        await addQueueJobs(await producers.get(queue), queue, [...new Set(calls.flat())], policies[queue]);
        return calls.map(() => undefined);
      },
      { max: maxCallsPerAdd },
    );
    return (ids: readonly string[]) => add(queue, ids);
  };
  return {
    orchestrations: createEnqueuer('orchestrations'),
    deliveries: createEnqueuer('deliveries'),
    upkeep: createEnqueuer('upkeep'),
  };
}

/** Enqueues ids as BullMQ's jobs. */
async function addQueueJobs(
  producer: Producer,
  queue: QueueName,
  ids: readonly string[],
  policy: RetryPolicy,
): Promise<void> {
  const jobs = ids.map((id) => ({ name: queue, data: {}, opts: jobOptions(id, policy) }));
  const [single] = jobs;
  // `addBulk` makes temporary tables on PostgreSQL, which is slow for a single job.
  if (jobs.length === 1 && single) await producer.add(single.name, single.data, single.opts);
  else if (jobs.length > 1) await producer.addBulk(jobs);
}

function jobOptions(id: string, policy: RetryPolicy): JobsOptions {
  return { jobId: id, ...jobOptionsWithoutId(policy) };
}

/** Options of BullMQ's jobs, except their ids. */
export function jobOptionsWithoutId({ attempts }: RetryPolicy): JobsOptions {
  // Remove finished jobs, or BullMQ would ignore their ids when they are enqueued again.
  return { attempts, backoff: { type: 'capped' }, removeOnComplete: true, removeOnFail: true };
}
