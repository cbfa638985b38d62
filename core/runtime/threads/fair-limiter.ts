import { RegistryError } from '../../errors.ts';
import { createFairQueue, type FairQueueLimits } from './fair-queue.ts';

/** Client that may disconnect while its work waits: the response to it, as Node has it. */
export interface WaitingClient {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** Error of work that was left out, since its client disconnected before its turn. It is not a sign of overload. */
export class WaitAbandoned extends RegistryError {
  constructor() {
    super('service.busy', 'The client disconnected before its turn. Send the request again.');
  }
}

/** Runs a bounded number of pieces of work at a time; the spaces of the others take turns. */
export interface FairLimiter {
  /**
   * Runs `work` in its turn.
   * @param client leaves the queue when it disconnects; absent for work that nobody waits for alone
   * @throws {RegistryError} `service.busy` when too many wait already; {WaitAbandoned} when the client has disconnected
   */
  run<T>(space: string, work: () => Promise<T>, client?: WaitingClient): Promise<T>;
}

/**
 * Creates a limiter that is fair to spaces.
 * @param maxRunning pieces of work that run at a time
 */
export function createFairLimiter(limits: FairQueueLimits, maxRunning = 1): FairLimiter {
  const queue = createFairQueue<() => void>(limits);
  let free = maxRunning;

  function waitInTurn(space: string, client: WaitingClient | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.remove(space, begin);
        reject(new WaitAbandoned());
      };
      const begin = () => {
        client?.off('close', leave);
        resolve();
      };
      queue.add(space, begin);
      client?.once('close', leave);
    });
  }

  return {
    async run(space, work, client) {
      if (client?.destroyed) throw new WaitAbandoned();
      if (free > 0) free -= 1;
      else await waitInTurn(space, client);
      try {
        return await work();
      } finally {
        // Pass the turn on directly, so that no new caller overtakes the waiting ones.
        const next = queue.take();
        if (next) next.item();
        else free += 1;
      }
    },
  };
}
