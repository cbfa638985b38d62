import type { Job, JobsOptions, WorkerOptions } from 'bullmq';
import type { QueueName } from './port.ts';

/** Intervals after which the queue notices changes of which no message arrived. */
export interface QueueTimings {
  /** Milliseconds of a worker's lease on an id; BullMQ renews the lease halfway. */
  lockDuration: number;
  /** Milliseconds between two searches for ids whose worker is gone. */
  stalledInterval: number;
  /** Seconds after which an idle worker polls the queue. */
  drainDelay: number;
}

/** Default timings of the queue. */
export const queueTimings: QueueTimings = { lockDuration: 15_000, stalledInterval: 5_000, drainDelay: 5 };

/** Subset of BullMQ's Queue that the registry uses. */
export interface Producer {
  add(name: string, data: object, options: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: object; opts: JobsOptions }[]): Promise<unknown>;
  remove(id: string): Promise<number>;
  getJobScheduler(id: string): Promise<{ every?: number; next?: number } | undefined>;
  upsertJobScheduler(
    id: string,
    repeat: { every: number; offset: number },
    template: { name: string; opts: JobsOptions },
  ): Promise<unknown>;
  removeJobScheduler(id: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Subset of BullMQ's Worker that the registry uses. */
export interface QueueWorker {
  /** Waits for running handlers and for the server. */
  close(): Promise<void>;
  /** Drops the connections, so that waiting calls fail and `close` resolves. */
  abandon(): void;
}

/** Function that BullMQ calls for each job, with the token of the job's lock. */
export type Processor = (job: Job, token?: string) => Promise<void>;

/** Opens BullMQ's queues and workers on one kind of server. */
export interface Driver {
  /** @throws when the server cannot be reached; the next call tries again */
  openProducer(queue: QueueName): Promise<Producer>;
  /** @throws when the server cannot be reached */
  openWorker(queue: QueueName, processor: Processor, options: QueueWorkerOptions): Promise<QueueWorker>;
  generation(): Promise<string>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Options of a BullMQ worker, without its connection. */
export type QueueWorkerOptions = Omit<WorkerOptions, 'connection'> & { concurrency: number };
