import type { Database } from '../core/db/port.ts';
import { announceQuotas } from '../core/quotas/announce-quotas.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';

/** Milliseconds from the end of one search for events to the next. */
const intervalMs = 2_000;

/**
 * Starts announcing quotas that are nearly used up: now, and at intervals until stopped. A failure is logged, and the
 * events are announced later.
 */
export function startAnnouncingQuotas(db: Database, log: Log, options: { guarded: boolean }): Repetition {
  return startRepeating(
    async (signal) => {
      await announceQuotas(db, options, signal);
    },
    intervalMs,
    (error) => log.warn({ error }, 'quotas that are nearly used up were not announced, it is tried again'),
  );
}
