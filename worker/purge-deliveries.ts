import type { Database } from '../core/db/port.ts';
import type { Log } from '../core/runtime/log.ts';
import { type Repetition, startRepeating } from '../core/runtime/repeat.ts';
import { deleteEndedWebhooks } from '../core/webhooks/delete-ended.ts';
import { purgeDeliveries } from '../core/webhooks/purge.ts';

/** Milliseconds from the end of one purge to the next. */
const intervalMs = 60 * 60 * 1000;

/**
 * Starts deleting ended deliveries of webhooks that are older than they are kept. Purges run now, and every hour
 * until stopped. A purge that fails is tried again after the same time.
 * @param days for which they are kept; 0 keeps them for ever
 */
export function startPurgingDeliveries(db: Database, log: Log, days: number): Repetition {
  return startRepeating(
    async (signal) => {
      const removed = await purgeDeliveries(db, days, signal);
      if (removed > 0) log.info({ removed }, 'ended deliveries of webhooks were purged');
    },
    intervalMs,
    (error) =>
      log.warn({ error }, 'ended deliveries of webhooks were not purged, the next purge tries again'),
  );
}

/**
 * Starts deleting webhooks that have ended, with their deliveries: now, and at intervals until stopped. A deletion that
 * fails is tried again after the same time.
 */
export function startDeletingWebhooks(db: Database, log: Log, deletionIntervalMs: number): Repetition {
  return startRepeating(
    async (signal) => {
      const removed = await deleteEndedWebhooks(db, signal);
      if (removed > 0) log.info({ removed }, 'ended webhooks were deleted');
    },
    deletionIntervalMs,
    (error) => log.warn({ error }, 'ended webhooks were not deleted, the next deletion tries again'),
  );
}
