import { RegistryError } from '../errors.ts';
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
  /** Calls that may wait for a thread. */
  maxWaiting: number;
}

/** Starts each thread with its first call. */
export function createThreadPool<Request, Answer>(options: ThreadPoolOptions): ThreadPool<Request, Answer> {
  const threads = Array.from({ length: options.threads }, () => createThread<Request, Answer>(options));
  // The last to come free is the first to be taken, so that a pool with little to do starts one.
  const free = [...threads];
  const waiting = new Map<string, ((thread: Thread<Request, Answer>) => void)[]>();
  let waitingCount = 0;

  function take(
    owner: string,
    isBounded: boolean,
  ): Promise<Thread<Request, Answer>> | Thread<Request, Answer> {
    const thread = free.pop();
    if (thread) return thread;
    if (isBounded && waitingCount >= options.maxWaiting) {
      throw new RegistryError(
        'service.busy',
        'Too many charts are waiting to be read. Try again in a few seconds.',
      );
    }
    waitingCount += 1;
    return new Promise((resolve) => {
      const turns = waiting.get(owner) ?? [];
      waiting.set(owner, turns);
      turns.push(resolve);
    });
  }

  function giveBack(thread: Thread<Request, Answer>): void {
    for (const [owner, turns] of waiting) {
      const next = turns.shift();
      // Behind all other owners.
      waiting.delete(owner);
      if (turns.length > 0) waiting.set(owner, turns);
      if (!next) continue;
      waitingCount -= 1;
      next(thread);
      return;
    }
    free.push(thread);
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
