import { createFairQueue, type FairQueueLimits } from '../runtime/threads/fair-queue.ts';

/** Runs one piece of work at a time; the others wait, one space after another. */
export interface FairLimiter {
  /**
   * Runs `work` in its turn.
   * @throws {RegistryError} `service.busy` when too many wait already
   */
  run<T>(space: string, work: () => Promise<T>): Promise<T>;
}

/** Creates a limiter of one piece of work at a time, fair to spaces. */
export function createFairLimiter(limits: FairQueueLimits): FairLimiter {
  const queue = createFairQueue<() => void>(limits);
  let isRunning = false;
  return {
    async run(space, work) {
      if (isRunning) await new Promise<void>((resolve) => queue.add(space, resolve));
      isRunning = true;
      try {
        return await work();
      } finally {
        // Pass the turn on directly, so that no new caller overtakes the waiting ones.
        const next = queue.take();
        if (next) next.item();
        else isRunning = false;
      }
    },
  };
}
