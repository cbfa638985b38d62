import { createFairQueue, type FairQueueLimits } from './fair-queue.ts';
import { createThread, type Thread, type ThreadOptions } from './thread.ts';

/** Threads of one program, among which calls are shared out. */
export interface ThreadPool<Request, Answer> {
  /**
   * Waits for a thread and makes a call on it. Owners take turns, so that one with many calls does not hold up the others.
   * @param owner whose call it is, as a space
   * @param load makes the request once a thread is free: what waits holds nothing in memory
   * @param isBounded false for calls that somebody else bounds, as those of jobs: they wait behind any number
   * @throws {RegistryError} `service.busy` when too many wait; {ThreadExceeded} as {@link Thread.call}; what `load` throws
   */
  call(owner: string, load: () => Request | Promise<Request>, isBounded?: boolean): Promise<Answer>;
  close(): Promise<void>;
}

export interface ThreadPoolOptions extends ThreadOptions {
  threads: number;
  /** Calls that may wait for a thread, by owner and in all. */
  limits: FairQueueLimits;
}

/** Starts each thread with its first call. */
export function createThreadPool<Request, Answer>(options: ThreadPoolOptions): ThreadPool<Request, Answer> {
  const threads = Array.from({ length: options.threads }, () => createThread<Request, Answer>(options));
  // The last to come free is the first to be taken, so that a pool with little to do starts one.
  const free = [...threads];
  const queue = createFairQueue<(thread: Thread<Request, Answer>) => void>(options.limits);

  function take(
    owner: string,
    isBounded: boolean,
  ): Promise<Thread<Request, Answer>> | Thread<Request, Answer> {
    return free.pop() ?? new Promise((resolve) => queue.add(owner, resolve, isBounded));
  }

  function giveBack(thread: Thread<Request, Answer>): void {
    const next = queue.take();
    if (next) next.item(thread);
    else free.push(thread);
  }

  return {
    async call(owner, load, isBounded = true) {
      const thread = await take(owner, isBounded);
      try {
        return await thread.call(await load());
      } finally {
        giveBack(thread);
      }
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
