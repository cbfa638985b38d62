import type { Transaction } from '../db/port.ts';
import type { ErrorBody } from '../errors.ts';
import { isCycleSql, isRefusalSql } from './stopped.ts';

/**
 * Records with a follow why a run has failed, and with which sources.
 * Where its author is refused, it is not due any more, whatever came meanwhile: it waits until it is set again. A follow
 * that was set again since the run began has nothing to do with the failure, and is due. One that has become part of a
 * cycle meanwhile stays failed by that.
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
