import { setMaxListeners } from 'node:events';
import { type Job, type JobsOptions, WaitingError, type WorkerOptions } from 'bullmq';
import {
  type Driver,
  type Producer,
  type QueueTimings,
  type QueueWorkerOptions,
  queueTimings,
} from './driver.ts';
import { backoffAfter, retryPolicies } from './policies.ts';
import {
  type Arrival,
  type Consumer,
  type Handler,
  type Queue,
  type QueueName,
  ReleasedError,
  type RetryPolicy,
} from './port.ts';
import { createEnqueuers, createProducers, jobOptionsWithoutId } from './producers.ts';

/** Seconds after a consumer's deadline for which releases wait for the queue server. */
const releaseTimeoutSeconds = 1;

/** Options of the queue on either server. */
export interface QueueOptions {
  /** Called for lost or refused connections and for locks that were not renewed; the queue retries all of them. */
  onError: (error: Error) => void;
  /** Replaces `retryPolicies` in tests. */
  policies?: Record<QueueName, RetryPolicy>;
  /** Replaces `queueTimings` in tests. */
  timings?: QueueTimings;
}

/** Implements the queue port on BullMQ with the driver of either server. */
export function createBullQueue(driver: Driver, options: QueueOptions): Queue {
  const policies = options.policies ?? retryPolicies;
  const timings = options.timings ?? queueTimings;
  const producers = createProducers(driver);
  const consumers = new Set<Consumer>();
  const pending = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  // Counts running calls: BullMQ never answers a call that meets its close, so `close` waits for them.
  const track = async <T>(call: () => Promise<T>): Promise<T> => {
    if (closing) throw new Error('the queue is closed');
    const running = call();
    pending.add(running);
    try {
      return await running;
    } finally {
      pending.delete(running);
    }
  };

  const enqueue = createEnqueuers(producers, policies);
  return {
    enqueue: (queue, ids) => track(() => enqueue[queue](ids)),
    remove: (queue, id) =>
      track(async () => {
        await (await producers.get(queue)).remove(id);
      }),
    schedule: (queue, intervalMs) =>
      track(async () => {
        const producer = await producers.get(queue);
        if (intervalMs === 0) await producer.removeJobScheduler(queue);
        else await ensureScheduled(producer, queue, intervalMs, jobOptionsWithoutId(policies[queue]));
      }),
    consume: (queue, concurrency, handler) =>
      track(async () => {
        const settings = { ...timings, concurrency, ...workerOptions(policies[queue]) };
        const consumer = await startConsumer(driver, queue, policies[queue], handler, settings);
        consumers.add(consumer);
        return consumer;
      }),
    generation: () => track(() => driver.generation()),
    ping: () => driver.ping(),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };

  async function closeAll(): Promise<void> {
    await Promise.allSettled(pending);
    await Promise.all([...consumers].map((consumer) => consumer.close()));
    await producers.close();
    await driver.close();
  }
}

async function ensureScheduled(
  producer: Producer,
  queue: QueueName,
  intervalMs: number,
  opts: JobsOptions,
): Promise<void> {
  const known = await producer.getJobScheduler(queue);
  // Rewriting the schedule removes and re-adds the next job, which two processes cannot do at a time on
  // PostgreSQL.
  if (known?.every === intervalMs && Number(known.next) > Date.now() - intervalMs) return;
  // The offset makes the times multiples of `intervalMs` since 1970, whichever process came first.
  await producer.upsertJobScheduler(queue, { every: intervalMs, offset: 1 }, { name: queue, opts });
}

function workerOptions(policy: RetryPolicy): Omit<WorkerOptions, 'connection'> {
  return {
    settings: { backoffStrategy: (attempt) => backoffAfter(policy, attempt) },
    // PostgreSQL limits how often a job may lose its worker, not BullMQ.
    maxStalledCount: 1_000_000,
    // Milliseconds after a failed call to the server; BullMQ's default is 15 seconds.
    runRetryDelay: 1_000,
  };
}

async function startConsumer(
  driver: Driver,
  queue: QueueName,
  policy: RetryPolicy,
  handler: Handler,
  options: QueueWorkerOptions,
): Promise<Consumer> {
  const stop = new AbortController();
  // Node warns of more than 10 listeners; every running handler adds one.
  setMaxListeners(0, stop.signal);
  const process = async (job: Job, token?: string) => {
    try {
      // A released job may wake this very worker, which asked for more before it began to close.
      if (stop.signal.aborted) throw new ReleasedError();
      await handler(toArrival(job, policy, stop.signal));
    } catch (error) {
      if (!(error instanceof ReleasedError)) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
  const queueWorker = await driver.openWorker(queue, process, options);
  let closing: Promise<void> | undefined;
  return {
    close(deadline) {
      closing ??= queueWorker.close();
      if (!deadline) return closing;
      const end = () => {
        stop.abort(deadline.reason);
        // Releases have `releaseTimeoutSeconds` to be stored; a server that does not answer must not keep the process.
        const abandonTimer = setTimeout(() => queueWorker.abandon(), releaseTimeoutSeconds * 1000);
        const cancelAbandon = () => clearTimeout(abandonTimer);
        closing?.then(cancelAbandon, cancelAbandon);
      };
      if (deadline.aborted) end();
      else deadline.addEventListener('abort', end, { once: true });
      return closing;
    },
  };
}

function toArrival(job: Job, { attempts }: RetryPolicy, signal: AbortSignal): Arrival {
  if (job.id === undefined) throw new Error('a job without an identifier is on the queue');
  const attempt = job.attemptsMade + 1;
  return { id: job.id, attempt, last: attempt >= (job.opts.attempts ?? attempts), signal };
}
