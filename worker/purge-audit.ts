import { purgeAudit } from '../core/audit/purge.ts';
import type { Database } from '../core/db/port.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/** Milliseconds from the end of one purge to the next. */
const intervalMs = 60 * 60 * 1000;

/**
 * Starts deleting audit events that are older than they are kept. Purges run now, and every hour until stopped. A
 * purge that fails is tried again after the same time.
 * @param days for which events are kept; 0 keeps them for ever
 */
export function startPurgingAudit(db: Database, log: Log, days: number): Repetition {
  return startRepeating(
    async (signal) => {
      if (days === 0) return;
      const removed = await purgeAudit(db, days, signal);
      if (removed > 0) log.info({ removed }, 'audit events were purged');
    },
    intervalMs,
    (error) => log.warn({ error }, 'audit events were not purged, the next purge tries again'),
  );
}
