import type { Database } from '../db/port.ts';

/** Deliveries that one transaction deletes. */
const batchSize = 1_000;

/**
 * Deletes ended deliveries of webhooks that are older than they are kept. Secrets that sign no more are deleted too.
 * Several processes may do it at once; each row is deleted by one of them.
 * @param days for which ended deliveries are kept; 0 keeps them for ever
 * @param signal ends the purge before its next batch; the next purge does the rest
 * @returns the number of deleted deliveries
 */
export async function purgeDeliveries(db: Database, days: number, signal?: AbortSignal): Promise<number> {
  await db.query(
    'UPDATE webhooks SET previous_secret = NULL, previous_until = NULL WHERE previous_until <= now()',
  );
  if (days === 0) return 0;
  for (let count = 0; ; ) {
    const removed = await db.query(
      `DELETE FROM deliveries WHERE id IN (
         SELECT id FROM deliveries WHERE webhook_id IS NOT NULL AND finished_at < now() - make_interval(days => $1)
          ORDER BY finished_at LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
       ) RETURNING id`,
      [days],
    );
    count += removed.length;
    if (removed.length < batchSize || signal?.aborted) return count;
  }
}
