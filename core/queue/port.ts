/**
 * Names of all queues. `upkeep` is that of garbage collection: servers keep schedules by their queue's name, and programs
 * of the last release read them.
 */
export const queueNames = ['orchestrations', 'deliveries', 'upkeep'] as const;

/**
 * Name of a queue. A queue carries ids only: PostgreSQL has the jobs. Losing the queue therefore loses nothing,
 * and an id that arrives twice changes nothing.
 */
export type QueueName = (typeof queueNames)[number];

/** Arrival of an id at a worker. */
export interface Arrival {
  id: string;
  /** Number of the attempt; 1 for the first. */
  attempt: number;
  /** Whether this is the queue's last attempt. */
  last: boolean;
  /** Aborts when the consumer is closing and its deadline passes before the handler is done. */
  signal: AbortSignal;
}

/**
 * Error of a handler that cannot finish because its process ends. The next worker gets the id without delay,
 * and no attempt is used up.
 */
export class ReleasedError extends Error {
  override name = 'ReleasedError';
}

/** Handles one arrival. Throwing makes the queue retry later; returning removes the id from the queue. */
export type Handler = (arrival: Arrival) => Promise<void>;

/** Number and delays of attempts. */
export interface RetryPolicy {
  attempts: number;
  /** Milliseconds before the second attempt; doubles with each further one. */
  backoffMs: number;
  /** Longest delay, in milliseconds. */
  maxDelayMs: number;
}

/** Queue of ids, whichever server carries it. */
export interface Queue {
  /**
   * Enqueues ids; an id that is on the queue already stays there once.
   * @throws when the queue cannot be reached; nothing is lost then, because the sweep enqueues them later
   */
  enqueue(queue: QueueName, ids: readonly string[]): Promise<void>;
  /** Removes an id that no worker has yet. */
  remove(queue: QueueName, id: string): Promise<void>;
  /**
   * Schedules an arrival every `intervalMs`, at times that are equal for all processes. Any number of
   * processes may call it any number of times; no arrival is doubled or delayed by that.
   * @param intervalMs milliseconds; 0 removes the schedule
   */
  schedule(queue: QueueName, intervalMs: number): Promise<void>;
  /** Starts a consumer that runs `handler` on up to `concurrency` ids at a time. */
  consume(queue: QueueName, concurrency: number, handler: Handler): Promise<Consumer>;
  /**
   * Returns the queue generation, which changes whenever the queue may have lost its content.
   * @throws when the queue cannot be reached
   */
  generation(): Promise<string>;
  /** Checks that the queue can be reached. @throws when it cannot */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Running consumer of one queue. */
export interface Consumer {
  /**
   * Accepts no more ids, and resolves when all running handlers are done or have released.
   * @param deadline aborts the signals of the handlers that still run; `releaseTimeoutSeconds` later, calls
   *   that the server has not answered are abandoned
   */
  close(deadline?: AbortSignal): Promise<void>;
}
