import { createFairQueue, type FairQueueLimits } from '../runtime/threads/fair-queue.ts';

/** Hashes of passwords that one process computes at a time; each needs a core, 19 MiB and a thread of Node's pool. */
const maxConcurrentHashes = 2;

/** Lane of a hash: `slow` during a delay after failed log-ins. */
export type HashLane = 'calm' | 'slow';

/**
 * Turns of hashing: networks take turns within each lane, so that a flood from one network does not delay the others. The
 * slow lane has one place at most, so that log-ins which are under attack do not delay those that are not; it comes first
 * at that place, so that it never waits for the calm lane.
 */
export interface HashTurns {
  /**
   * Hashes in the turn of a network.
   * @throws {RegistryError} `service.busy` when too many wait already
   */
  run<T>(network: string, lane: HashLane, hash: () => Promise<T>): Promise<T>;
}

/** Bounds of what waits in a lane; a full calm lane is a wait of some ten seconds. */
const hashQueueLimits: FairQueueLimits = {
  waiting: 'log-ins that wait',
  subject: 'Your network',
  maxPerSpace: 64,
  maxTotal: 512,
};

/** Creates the turns of a process. */
export function createHashTurns(): HashTurns {
  const queues = {
    calm: createFairQueue<() => void>(hashQueueLimits),
    slow: createFairQueue<() => void>(hashQueueLimits),
  };
  const running = { calm: 0, slow: 0 };

  const mayRun = (lane: HashLane) =>
    running.calm + running.slow < maxConcurrentHashes && (lane === 'calm' || running.slow === 0);

  function start(lane: HashLane): boolean {
    const next = mayRun(lane) ? queues[lane].take() : undefined;
    if (!next) return false;
    running[lane] += 1;
    next.item();
    return true;
  }

  function startNext(): void {
    while (start('slow') || start('calm'));
  }

  return {
    async run(network, lane, hash) {
      await new Promise<void>((resolve) => {
        queues[lane].add(network, resolve);
        startNext();
      });
      try {
        return await hash();
      } finally {
        running[lane] -= 1;
        startNext();
      }
    },
  };
}
