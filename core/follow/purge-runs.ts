import type { Database } from '../db/port.ts';

/** Number of runs of a follow that are kept. */
export const maxKeptFollowRuns = 1_000;

/** Largest number of runs that one statement deletes. */
const batchSize = 200;

/**
 * Deletes the oldest runs of a follow, beyond those that are kept.
 * With `keep` also those stay that tell which of the chart's versions the follow has made. Each end of a run calls this,
 * so there is hardly ever more than one to delete.
 */
export async function purgeRuns(db: Database, followId: string): Promise<void> {
  await db.query(
    `DELETE FROM follow_runs WHERE id IN (
       SELECT r.id FROM follow_runs r JOIN follows f ON f.id = r.follow_id
        WHERE r.follow_id = $1 AND r.state <> 'running'
          AND r.number <= (SELECT number FROM follow_runs WHERE follow_id = $1
                            ORDER BY number DESC OFFSET ${maxKeptFollowRuns} LIMIT 1)
          AND NOT (f.settings ? 'keep' AND r.state = 'composed' AND EXISTS (
                SELECT FROM versions v
                 WHERE v.chart_id = f.chart_id AND v.version = r.version AND v.digest = r.digest))
        ORDER BY r.number LIMIT ${batchSize})`,
    [followId],
  );
}
