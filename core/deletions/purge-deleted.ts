import type { Database } from '../db/port.ts';

/** Deleted versions of one statement. */
const batchSize = 1_000;

/**
 * Forgets the deleted versions that nobody can have back any more.
 * @param graceSeconds grace period of the garbage collection
 * @param signal ends the work before the next batch
 * @returns their number
 */
export async function purgeDeleted(db: Database, graceSeconds: number, signal: AbortSignal): Promise<number> {
  let purged = 0;
  for (let batch = batchSize; batch === batchSize && !signal.aborted; purged += batch) {
    const rows = await db.query(
      `DELETE FROM deleted_versions WHERE id IN (
         SELECT id FROM deleted_versions WHERE deleted_at <= now() - make_interval(secs => $1)
          ORDER BY deleted_at LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [graceSeconds],
    );
    batch = rows.length;
  }
  return purged;
}
