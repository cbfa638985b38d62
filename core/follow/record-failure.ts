import type { Transaction } from '../db/port.ts';
import type { ErrorBody } from '../errors.ts';
import { isCycleSql, isRefusalSql } from './stopped.ts';

/**
 * Records with a follow why a run has failed, and with which sources. Where its author is refused, the follow is no
 * longer due, whatever changed meanwhile: it waits until somebody sets it again. A follow that was set again since the
 * run began is due: the failure is not about its settings. A follow that became part of a cycle meanwhile stays failed
 * by that.
 */
export async function recordFailure(
  tx: Transaction,
  runId: string,
  error: ErrorBody,
  set: string,
): Promise<void> {
  const unlessRefused = (column: string) =>
    `${column} = CASE WHEN ${isRefusalSql('$2::jsonb')} THEN NULL ELSE f.${column} END`;
  await tx.query(
    `UPDATE follows f SET failure = $2::jsonb, failed_set = $3, attempts = 0,
            ${['due_at', 'due_since', 'wave_at', 'look_at'].map(unlessRefused).join(', ')}
       FROM follow_runs r WHERE r.id = $1 AND f.id = r.follow_id AND f.changed_at = r.set_at
          AND NOT ${isCycleSql('f.failure')}`,
    [runId, JSON.stringify(error), set],
  );
}

/**
 * Records that the cycle by which a follow has failed is reported, and its words.
 * @returns false where nothing is to be reported: it was freed or set again since the run began
 */
export async function recordReportedCycle(
  tx: Transaction,
  runId: string,
  error: ErrorBody,
): Promise<boolean> {
  const recorded = await tx.query(
    `UPDATE follows f SET failure = $2::jsonb, untold_cycle = NULL
       FROM follow_runs r WHERE r.id = $1 AND f.id = r.follow_id AND f.changed_at = r.set_at
          AND ${isCycleSql('f.failure')} AND f.untold_cycle IS NOT NULL
     RETURNING f.id`,
    [runId, JSON.stringify(error)],
  );
  return recorded.length > 0;
}
