import type { Queryable } from '../db/port.ts';
import type { ClaimedRun } from './claim-run.ts';
import { RunEnded, type VersionOutcome } from './record-outcomes.ts';
import { outcomesSql, resultsSql } from './results-sql.ts';

/**
 * Keeps results of a run that are no other outcomes than before: versions that are still changed or gone, and those at
 * which the run has ended. Their last outcomes stay as they are.
 * @throws {RunEnded} when the run is over
 */
export async function recordResults(
  db: Queryable,
  { id, holder, number }: ClaimedRun,
  results: readonly VersionOutcome[],
): Promise<void> {
  if (results.length === 0) return;
  const [recorded] = await db.query<{ open: boolean }>(
    `WITH ${outcomesSql}, ${resultsSql} SELECT EXISTS (SELECT FROM open) AS open`,
    [id, holder, number, JSON.stringify(results)],
  );
  if (!recorded?.open) throw new RunEnded();
}
