import type { Database, Transaction } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import { type ClaimedFollowRun, followRunColumns, runLeaseSeconds } from './claimed-run.ts';
import { openCycleReportRuns, openReadyRuns } from './open-runs.ts';

/**
 * Opens runs for follows that are due, and takes over those whose worker has died.
 * One process at a time claims, so that the bound holds; the others get nothing. Nothing is claimed in a held registry.
 * @param maxOpen largest number of open runs in the registry
 */
export function claimRuns(db: Database, maxOpen: number): Promise<ClaimedFollowRun[]> {
  return db.transaction(async (tx) => {
    const [lock] = await tx.query<{ locked: boolean | null }>(
      `SELECT CASE WHEN ${notHeldSql} THEN pg_try_advisory_xact_lock(hashtextextended('follow runs', 0)) END AS locked`,
    );
    if (!lock?.locked) return [];
    const abandoned = await claimExpiredRuns(tx);
    const [open] = await tx.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM follow_runs WHERE state = 'running'",
    );
    const free = maxOpen - (open?.count ?? 0);
    if (free <= 0) return abandoned;
    const telling = await openCycleReportRuns(tx, free);
    const ready = free > telling.length ? await openReadyRuns(tx, free - telling.length) : [];
    return [...abandoned, ...telling, ...ready];
  });
}

function claimExpiredRuns(tx: Transaction): Promise<ClaimedFollowRun[]> {
  return tx.query<ClaimedFollowRun>(
    `WITH r AS (
       UPDATE follow_runs SET lease_until = now() + make_interval(secs => $1)
        WHERE state = 'running' AND lease_until <= now()
       RETURNING id, follow_id, wave_at, principal_id, principal, token_id, proof
     ), locked AS MATERIALIZED (
       SELECT id FROM follows WHERE id IN (SELECT follow_id FROM r) ORDER BY id FOR NO KEY UPDATE
     ), f AS (
       UPDATE follows SET attempts = attempts + 1 WHERE id IN (SELECT id FROM locked) RETURNING *
     )
     SELECT ${followRunColumns} FROM r JOIN f ON f.id = r.follow_id`,
    [runLeaseSeconds],
  );
}
