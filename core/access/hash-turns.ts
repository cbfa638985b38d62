import { createHashQueue } from './hash-queue.ts';

/** Hashes of passwords that one process computes at a time; each needs a core, 19 MiB and a thread of Node's pool. */
const maxConcurrentHashes = 2;

/**
 * Lane of a hash: `slow` during a delay after failed log-ins, or then `known` for a user who has logged in from the
 * network before.
 */
export type HashLane = 'calm' | 'slow' | 'known';

/**
 * Turns of hashing: networks take turns within each lane, so that a flood from one network does not delay the others.
 * The slow lane and the known one share one place, so that log-ins under attack do not delay others. These two lanes
 * come first at that place, so that they never wait for the calm lane. The known lane has every second turn of that
 * place: guesses for names that nobody has used there do not starve those who work there.
 */
export interface HashTurns {
  /**
   * Hashes in the turn of a network.
   * @throws {RegistryError} `service.busy` when too many wait already
   */
  run<T>(network: string, lane: HashLane, hash: () => Promise<T>): Promise<T>;
}

/** Creates the turns of a process. */
export function createHashTurns(): HashTurns {
  const queues = { calm: createHashQueue(), slow: createHashQueue(), known: createHashQueue() };
  const running = { calm: 0, delayed: 0 };
  let isTurnOfKnown = true;

  const placeOf = (lane: HashLane) => (lane === 'calm' ? 'calm' : 'delayed');

  function start(lane: HashLane): boolean {
    const isFree = running.calm + running.delayed < maxConcurrentHashes;
    const next = isFree && (lane === 'calm' || running.delayed === 0) ? queues[lane].take() : undefined;
    if (!next) return false;
    running[placeOf(lane)] += 1;
    if (lane !== 'calm') isTurnOfKnown = lane === 'slow';
    next.start();
    return true;
  }

  function startNext(): void {
    while ((isTurnOfKnown && start('known')) || start('slow') || start('known') || start('calm'));
  }

  return {
    async run(network, lane, hash) {
      await new Promise<void>((resolve, reject) => {
        queues[lane].add(network, { start: resolve, refuse: reject });
        startNext();
      });
      try {
        return await hash();
      } finally {
        running[placeOf(lane)] -= 1;
        startNext();
      }
    },
  };
}
