import { createFairQueue, type FairQueueLimits } from '../runtime/threads/fair-queue.ts';

/** Lets one through at a time; the others wait their turn, one space after another. */
export interface FairGate {
  /** @throws {RegistryError} `service.busy` when too many wait already */
  pass<T>(space: string, work: () => Promise<T>): Promise<T>;
}

export function createFairGate(limits: FairQueueLimits): FairGate {
  const queue = createFairQueue<() => void>(limits);
  let isTaken = false;
  return {
    async pass(space, work) {
      if (isTaken) await new Promise<void>((resolve) => queue.add(space, resolve));
      isTaken = true;
      try {
        return await work();
      } finally {
        // The place goes straight to the next, so that nobody slips in between.
        const next = queue.take();
        if (next) next.item();
        else isTaken = false;
      }
    },
  };
}
