import { createFairQueue, type FairQueueLimits } from './fair-queue.ts';
import { createThread, type Thread, type ThreadOptions } from './thread.ts';

/** Pool of threads that run one program. */
export interface ThreadPool<Request, Answer> {
  /**
   * Waits for a free thread and makes a call on it. Owners take turns, so that many calls of one do not delay
   * the others.
   * @param owner of the call, such as a space
   * @param load makes the request once a thread is free, so that waiting calls use no memory
   * @param isBounded false for calls that are limited elsewhere, such as those of jobs; no limit of the queue
   *   applies to them
   * @throws {RegistryError} `service.busy` when too many calls wait; {ThreadExceeded} as {@link Thread.call};
   *   the errors of `load`
   */
  call(owner: string, load: () => Request | Promise<Request>, isBounded?: boolean): Promise<Answer>;
  close(): Promise<void>;
}

/** Options of a pool of threads. */
export interface ThreadPoolOptions extends ThreadOptions {
  threads: number;
  /** Limits of waiting calls, by owner and in all. */
  limits: FairQueueLimits;
}

/** Creates a pool; each thread starts with its first call. */
export function createThreadPool<Request, Answer>(options: ThreadPoolOptions): ThreadPool<Request, Answer> {
  const threads = Array.from({ length: options.threads }, () => createThread<Request, Answer>(options));
  // The last thread to become free is used first, so that an idle pool starts one thread only.
  const free = [...threads];
  const queue = createFairQueue<(thread: Thread<Request, Answer>) => void>(options.limits);

  function acquire(
    owner: string,
    isBounded: boolean,
  ): Promise<Thread<Request, Answer>> | Thread<Request, Answer> {
    return free.pop() ?? new Promise((resolve) => queue.add(owner, resolve, isBounded));
  }

  function release(thread: Thread<Request, Answer>): void {
    const next = queue.take();
    if (next) next.item(thread);
    else free.push(thread);
  }

  return {
    async call(owner, load, isBounded = true) {
      const thread = await acquire(owner, isBounded);
      try {
        return await thread.call(await load());
      } finally {
        release(thread);
      }
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
