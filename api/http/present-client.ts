import type { InFlight } from '../../core/read-cache/in-flight.ts';
import { WaitAbandoned } from '../../core/runtime/threads/fair-limiter.ts';

/**
 * Admits work only for a client that is still there. So work that waits for its turn in a thread is left out once its
 * client has disconnected. Work behind it does not wait for it.
 * @param signal aborted when the client disconnects
 */
export function admitWhilePresent(inFlight: InFlight, signal: AbortSignal): InFlight {
  return {
    ...inFlight,
    async admitInTurn() {
      await inFlight.admitInTurn();
      if (signal.aborted) throw new WaitAbandoned();
    },
  };
}
