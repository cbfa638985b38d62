import { setImmediate } from 'node:timers/promises';
import type { Database } from '../core/db/port.ts';
import type { Hold } from '../core/maintenance/hold.ts';
import { recordWorkerAtRest } from '../core/maintenance/rest.ts';
import type { Activity } from './activity.ts';

/**
 * Creates the recorder of a worker's rest during a hold. Once all that it had begun has ended, the worker records its rest.
 * @returns call it with the hold as long as there is one; it does not wait for the end of the work
 */
export function createRestRecorder(
  db: Database,
  workerId: string,
  activity: Activity,
): (hold: Hold) => Promise<void> {
  let ending: { since: string; isOver: boolean } | undefined;
  return async (hold) => {
    if (ending?.since !== hold.since) {
      const begun = { since: hold.since, isOver: false };
      ending = begun;
      void activity.ended().then(() => {
        begun.isOver = true;
      });
      // Time for what is over already.
      await setImmediate();
    }
    if (ending.isOver) await recordWorkerAtRest(db, workerId, hold);
  };
}
