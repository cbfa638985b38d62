import type { Database } from '../core/db/port.ts';
import { purgeJobs } from '../core/jobs/purge-jobs.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/** Milliseconds from the end of one purge to the next. */
const intervalMs = 60 * 60 * 1000;

/**
 * Starts deleting jobs that ended longer ago than they are kept. Purges run now, and every hour until stopped. A
 * purge that fails is tried again after the same time.
 * @param days for which ended jobs are kept; 0 keeps them for ever
 */
export function startPurgingJobs(db: Database, log: Log, days: number): Repetition {
  return startRepeating(
    async (signal) => {
      const removed = await purgeJobs(db, days, signal);
      if (removed > 0) log.info({ removed }, 'ended jobs were purged');
    },
    intervalMs,
    (error) => log.warn({ error }, 'ended jobs were not purged, the next purge tries again'),
  );
}
