import type { Database } from '../core/db/port.ts';
import { updateKeptStates } from '../core/outdated/update-kept-states.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/**
 * Starts keeping the states of composed versions: now, and at intervals until stopped.
 * A failure is logged, and the versions stay marked.
 */
export function startUpdatingComposedStates(db: Database, log: Log, intervalMs: number): Repetition {
  return startRepeating(
    async (signal) => {
      const kept = await updateKeptStates(db, signal);
      if (kept > 0) log.debug({ kept }, 'states of composed versions were made anew');
    },
    intervalMs,
    (error) => log.warn({ error }, 'states of composed versions were not made anew, it is tried again'),
  );
}
