import type { Database } from '../db/port.ts';

/** Runs of a mirror that are kept, and those of them that keep results: the newest that have any. */
const keptRunCounts = { runs: 100, withResults: 20 };

/**
 * Drops the results of old runs, and old runs. Runs that found nothing to do do not count: a mirror that runs every
 * five minutes would keep the results of two hours only.
 */
export async function dropOldRuns(db: Database, mirrorId: string): Promise<void> {
  const hasResults = 'EXISTS (SELECT FROM mirror_results x WHERE x.run = r.number)';
  await db.query(
    `DELETE FROM mirror_results WHERE run IN (
       SELECT number FROM mirror_runs r WHERE mirror_id = $1 AND ${hasResults}
        ORDER BY number DESC OFFSET ${keptRunCounts.withResults})`,
    [mirrorId],
  );
  await db.query(
    `DELETE FROM mirror_runs r WHERE mirror_id = $1 AND NOT ${hasResults} AND number <= (
       SELECT number FROM mirror_runs WHERE mirror_id = $1 ORDER BY number DESC OFFSET ${keptRunCounts.runs} LIMIT 1)`,
    [mirrorId],
  );
}
