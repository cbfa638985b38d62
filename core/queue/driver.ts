import type { Job, JobsOptions, WorkerOptions } from 'bullmq';
import type { QueueName } from './port.ts';

/** How soon the queue notices what nobody tells it. */
export interface QueueTimings {
  /** Milliseconds for which a worker has an identifier unless it renews; it does so by itself, halfway. */
  lockDuration: number;
  /** Milliseconds between two looks for identifiers whose worker is gone. */
  stalledInterval: number;
  /** Seconds after which an idle worker looks by itself whether there is something. */
  drainDelay: number;
}

export const queueTimings: QueueTimings = { lockDuration: 15_000, stalledInterval: 5_000, drainDelay: 5 };

/** The part of BullMQ's Queue that is used here. */
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

/** The part of BullMQ's Worker that is used here. */
export interface QueueWorker {
  /** Waits for what is in hand, and for the server. */
  close(): Promise<void>;
  /** Drops the connections: calls that wait for an answer fail, and `close` comes to its end. */
  abandon(): void;
}

export type Processor = (job: Job, token?: string) => Promise<void>;

/** BullMQ on one kind of server. */
export interface Driver {
  /** @throws when the server cannot be reached; another call tries again. */
  openProducer(queue: QueueName): Promise<Producer>;
  /** @throws when the server cannot be reached */
  openWorker(queue: QueueName, processor: Processor, options: QueueWorkerOptions): Promise<QueueWorker>;
  generation(): Promise<string>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type QueueWorkerOptions = Omit<WorkerOptions, 'connection'> & { concurrency: number };
