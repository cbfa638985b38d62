import type { Transaction } from '../db/port.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { announceRunEnd } from './announce-run-end.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { dropOldRuns } from './drop-old-runs.ts';
import type { MirrorRunEnd } from './run-end.ts';

/** Minutes after which a run is tried again that was not complete, by the number of those before it. */
const retryMinutes = [1, 5, 15, 60] as const;

/**
 * Ends a run and schedules the next. What is owed to webhooks and to the audit is written with it. Nothing is done
 * where the run was cancelled or is another process's.
 */
export async function endMirrorRun(
  { db, actor }: Pick<RegistryDeps, 'db' | 'actor'>,
  run: ClaimedMirrorRun,
  result: MirrorRunEnd,
): Promise<void> {
  await db.transaction(async (tx) => {
    // The mirror first, as those do who set it or have it run.
    await tx.query('SELECT FROM mirrors WHERE id = $1 FOR NO KEY UPDATE', [run.mirrorId]);
    const { state, counts, error } = result;
    const [ended] = await tx.query<{ asked: boolean }>(
      `UPDATE mirror_runs SET state = $3, counts = $4, error = $5, finished_at = now(), holder = NULL, lease_until = NULL
        WHERE id = $1 AND holder = $2 AND state = 'running' RETURNING asked`,
      [run.id, run.holder, state, JSON.stringify(counts), error ? JSON.stringify(error) : null],
    );
    if (!ended) return;
    await scheduleNext(tx, run, result);
    await announceRunEnd(tx, actor, run, result, ended.asked);
  });
  await dropOldRuns(db, run.mirrorId);
}

/** Sets when the next run begins, and notes in this one when it is tried again. */
async function scheduleNext(tx: Transaction, run: ClaimedMirrorRun, result: MirrorRunEnd): Promise<void> {
  const { validators, retryAt } = result;
  const isComplete = result.state === 'complete';
  const attempts = isComplete ? 0 : run.attempts + 1;
  await tx.query(
    `WITH next AS (
       UPDATE mirrors m SET attempts = $3, etag = $4, last_modified = $5,
              succeeded_at = CASE WHEN $6 THEN now() ELSE m.succeeded_at END,
              due_at = CASE WHEN $7::double precision IS NOT NULL THEN to_timestamp($7)
                            WHEN m.every IS NOT NULL THEN now() + least(make_interval(mins => m.every), make_interval(mins => $8))
                            ELSE m.due_at END
        WHERE id = $1 RETURNING due_at
     )
     UPDATE mirror_runs SET retry_at = next.due_at FROM next WHERE id = $2 AND NOT $6`,
    [
      ...[run.mirrorId, run.id, attempts, validators?.etag ?? null, validators?.lastModified ?? null],
      isComplete,
      retryAt === undefined ? null : retryAt / 1_000,
      isComplete ? (run.every ?? 0) : (retryMinutes[Math.min(attempts, retryMinutes.length) - 1] ?? 60),
    ],
  );
}
