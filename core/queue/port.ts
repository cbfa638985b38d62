export const queueNames = ['orchestrations', 'deliveries', 'upkeep'] as const;

/**
 * The queue as the rest of the registry sees it: it carries identifiers and nothing else. PostgreSQL holds what a job
 * is, so losing the queue loses nothing, and an identifier that arrives twice changes nothing.
 */
export type QueueName = (typeof queueNames)[number];

/** One arrival of an identifier at a worker. */
export interface Arrival {
  id: string;
  /** 1 for the first try. */
  attempt: number;
  /** True when the queue will not try again after this one. */
  last: boolean;
  /** Aborted when the consumer's deadline passes while it closes, before the handler is done. */
  signal: AbortSignal;
}

/**
 * Thrown by a handler that cannot finish because its process ends: the next worker gets the identifier at once, and no
 * attempt is used up.
 */
export class ReleasedError extends Error {
  override name = 'ReleasedError';
}

/** Throwing makes the queue try again later; returning ends the matter for the queue. */
export type Handler = (arrival: Arrival) => Promise<void>;

export interface RetryPolicy {
  attempts: number;
  /** Wait before the second attempt, in milliseconds; doubles from there. */
  backoff: number;
  /** What it doubles up to, in milliseconds. */
  maxDelayMs: number;
}

export interface Queue {
  /**
   * Puts identifiers on a queue; one that is already on it stays there once.
   * @returns those that are on the server now; the others a worker has been handed, and with its process they are gone
   * @throws when the queue cannot be reached; nothing is lost then, because the sweep puts it back.
   */
  enqueue(queue: QueueName, ids: readonly string[]): Promise<readonly string[]>;
  /** Takes an identifier off a queue when no worker has it yet. */
  remove(queue: QueueName, id: string): Promise<void>;
  /**
   * Lets a queue hand something out by itself, at moments that lie `every` milliseconds apart and are the same for whoever
   * asks: any number of processes may ask for it, any number of times, and nothing is doubled or put off by that.
   * @param every 0 ends it
   */
  schedule(queue: QueueName, every: number): Promise<void>;
  /** Starts to hand out identifiers to `handler`, `concurrency` at a time. */
  consume(queue: QueueName, concurrency: number, handler: Handler): Promise<Consumer>;
  /**
   * What the queue calls itself: a text that is another one whenever what was on it may be gone.
   * @throws when the queue cannot be reached
   */
  generation(): Promise<string>;
  /** Whether the queue can be reached now; throws when it cannot. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Consumer {
  /**
   * Takes no more, and resolves when what is in hand is done, or given back.
   * @param deadline when it is aborted, so are the signals of what is still in hand; what the server has not answered
   *   `leaveSeconds` later is left to it
   */
  close(deadline?: AbortSignal): Promise<void>;
}
