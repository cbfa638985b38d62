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

/** Seconds that the server has to answer after a consumer's deadline. */
export const leaveSeconds = 1;

/** What both forms of the queue take. */
export interface QueueOptions {
  /** Told about connections that are lost or cannot be made, and locks that could not be renewed; both are retried. */
  onError: (error: Error) => void;
  /** In place of `retryPolicies`; for tests. */
  policies?: Record<QueueName, RetryPolicy>;
  /** In place of `queueTimings`; for tests. */
  timings?: QueueTimings;
}

/** The queue port on BullMQ, whatever it runs on. */
export function createBullQueue(driver: Driver, options: QueueOptions): Queue {
  const policies = options.policies ?? retryPolicies;
  const timings = options.timings ?? queueTimings;
  const producers = new Map<QueueName, Promise<Producer>>();
  const consumers = new Set<Consumer>();
  const pending = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  const producerOf = (queue: QueueName): Promise<Producer> => {
    const known = producers.get(queue);
    if (known) return known;
    const opening = driver.openProducer(queue);
    producers.set(queue, opening);
    opening.catch(() => producers.delete(queue));
    return opening;
  };

  // BullMQ never answers a call that meets its close, so a close waits for the calls.
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

  return {
    enqueue: (queue, ids) =>
      track(async () => {
        const producer = await producerOf(queue);
        const jobs = ids.map((id) => ({ name: queue, data: {}, opts: jobOptions(id, policies[queue]) }));
        const [only] = jobs;
        // In bulk the PostgreSQL form makes temporary tables, which is dear for one.
        if (jobs.length === 1 && only) await producer.add(only.name, only.data, only.opts);
        else if (jobs.length > 1) await producer.addBulk(jobs);
        return ids;
      }),
    remove: (queue, id) =>
      track(async () => {
        await (await producerOf(queue)).remove(id);
      }),
    schedule: (queue, every) =>
      track(async () => {
        const producer = await producerOf(queue);
        if (every === 0) await producer.removeJobScheduler(queue);
        else await ensureScheduled(producer, queue, every, lastingOptions(policies[queue]));
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
    await Promise.allSettled([...producers.values()].map(async (producer) => (await producer).close()));
    await driver.close();
  }
}

async function ensureScheduled(
  producer: Producer,
  queue: QueueName,
  every: number,
  opts: JobsOptions,
): Promise<void> {
  const known = await producer.getJobScheduler(queue);
  // Writing it again takes the next job off and puts it back, which on PostgreSQL two cannot do at once.
  if (known?.every === every && Number(known.next) > Date.now() - every) return;
  // With an offset the moments are multiples of `every` since 1970, and not since whoever came first.
  await producer.upsertJobScheduler(queue, { every, offset: 1 }, { name: queue, opts });
}

function jobOptions(id: string, policy: RetryPolicy): JobsOptions {
  return { jobId: id, ...lastingOptions(policy) };
}

function lastingOptions({ attempts }: RetryPolicy): JobsOptions {
  // Nothing of a finished job stays, or its identifier could not be put on the queue again.
  return { attempts, backoff: { type: 'capped' }, removeOnComplete: true, removeOnFail: true };
}

function workerOptions(policy: RetryPolicy): Omit<WorkerOptions, 'connection'> {
  return {
    settings: { backoffStrategy: (attempt) => backoffAfter(policy, attempt) },
    // How often a job may lose its worker is for PostgreSQL to decide.
    maxStalledCount: 1_000_000,
    // After a failed call to the server; the default is 15 seconds.
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
  // Each that is in hand listens to it.
  setMaxListeners(0, stop.signal);
  const process = async (job: Job, token?: string) => {
    try {
      // What is given back may wake this very worker, which asked for more before it began to close.
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
        // What was given back has been by then; a server that does not answer must not keep the process.
        const leaving = setTimeout(() => queueWorker.abandon(), leaveSeconds * 1000);
        const left = () => clearTimeout(leaving);
        closing?.then(left, left);
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
