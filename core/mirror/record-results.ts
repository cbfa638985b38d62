import type { Queryable } from '../db/port.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { RunEndedError, type VersionOutcome } from './record-outcomes.ts';
import { givenOutcomesSql, insertResultsSql } from './results-sql.ts';

/**
 * Keeps results of a run that leave the last outcomes of versions as they are. Such versions are still changed or gone,
 * or the run has ended at them.
 * @throws {RunEndedError} when the run is over
 */
export async function recordResults(
  db: Queryable,
  { id, holder, number }: ClaimedMirrorRun,
  results: readonly VersionOutcome[],
): Promise<void> {
  if (results.length === 0) return;
  const [recorded] = await db.query<{ open: boolean }>(
    `WITH ${givenOutcomesSql}, ${insertResultsSql} SELECT EXISTS (SELECT FROM open) AS open`,
    [id, holder, number, JSON.stringify(results)],
  );
  if (!recorded?.open) throw new RunEndedError();
}
