import type { Database } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';

/** Deleted versions of one statement. */
const batchSize = 1_000;

/**
 * Forgets the deleted versions that can no longer be restored.
 * @param restoreSeconds time for which a deleted version can be restored
 * @param signal ends the work before the next batch
 * @returns their number
 */
export async function purgeDeleted(
  db: Database,
  restoreSeconds: number,
  signal: AbortSignal,
): Promise<number> {
  let purged = 0;
  for (let batch = batchSize; batch === batchSize && !signal.aborted; purged += batch) {
    const rows = await db.query(
      `DELETE FROM deleted_versions WHERE id IN (
         SELECT id FROM deleted_versions WHERE deleted_at <= now() - make_interval(secs => $1) AND ${notHeldSql}
          ORDER BY deleted_at LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [restoreSeconds],
    );
    batch = rows.length;
  }
  return purged;
}
