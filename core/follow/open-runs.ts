import type { Transaction } from '../db/port.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { type ClaimedFollowRun, followRunColumns, runLeaseSeconds } from './claimed-run.ts';
import { isStoppedSql } from './stopped.ts';
import { isRunningSql } from './view-follow.ts';

/** SQL of the proof of a follow's author. Programs that know no proofs set a follow again without one. */
const setProofSql = 'CASE WHEN proof_set_at = changed_at THEN proof END';

/** Largest numbers of due follows that a statement examines. Later ones examine more, where all of the first wait. */
const [firstBatch, laterBatch] = [50, 500];

/** Largest number of due follows among which turns are given; those that became due later get theirs later. */
const maxFollowsTakingTurns = 10_000;

/**
 * Opens runs for follows that have failed by a cycle, to report the cycle. Such a run composes nothing and fails, as a
 * run whose recipe was refused. So callback and webhooks are called once, whichever process dies.
 */
export function openCycleReportRuns(tx: Transaction, limit: number): Promise<ClaimedFollowRun[]> {
  return tx.query<ClaimedFollowRun>(
    `WITH f AS MATERIALIZED (
       SELECT f.* FROM follows f
        WHERE f.failure ->> 'code' = 'follow.cycle' AND f.untold_cycle IS NOT NULL AND NOT ${isRunningSql}
        ORDER BY f.id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
     ), r AS (
       INSERT INTO follow_runs (follow_id, set_at, principal_id, principal, token_id, proof, wave_at, lease_until)
       SELECT id, changed_at, principal_id, principal, token_id, ${setProofSql}, now(), now() + make_interval(secs => $2) FROM f
       RETURNING id, follow_id, wave_at, principal_id, principal, token_id, proof
     )
     SELECT ${followRunColumns} FROM r JOIN f ON f.id = r.follow_id`,
    [limit, runLeaseSeconds],
  );
}

/** Opens runs, looking on past follows that have to wait. */
export async function openReadyRuns(tx: Transaction, free: number): Promise<ClaimedFollowRun[]> {
  const limit = Math.min(free, firstBatch);
  for (let size = firstBatch; ; size = laterBatch) {
    const rows = await openRunsOfBatch(tx, limit, size);
    const runs = rows.flatMap(({ looked: _, id, ...run }) => (id === null ? [] : [{ ...run, id }]));
    if (runs.length > 0 || (rows[0]?.looked ?? 0) < size) return runs;
  }
}

/** Run that was opened, if any, and the number of follows that were examined. */
type OpenedRun = Omit<ClaimedFollowRun, 'id'> & { id: string | null; looked: number };

/**
 * Opens runs for due follows that have none. Publications take turns: the next run is for the one with the fewest open
 * runs, and among its follows for the longest due. So a publication that causes a thousand runs holds up no other. A
 * chart waits for every followed chart below it, at any depth, that is due or being composed, if that began before the
 * chart itself was due. So each chart is composed once, from the leaves up, and none waits for ever. A waiting chart is
 * checked again after a second, behind the others, or when those below it are checked. It waits a minute at most, since
 * those below may be done, or their follows ended, before their time.
 */
function openRunsOfBatch(tx: Transaction, limit: number, size: number): Promise<OpenedRun[]> {
  return tx.query<OpenedRun>(
    `WITH RECURSIVE due AS MATERIALIZED (
       SELECT f.id, f.look_at, f.wave_at FROM follows f
        WHERE f.look_at <= now() AND NOT ${isStoppedSql('f.failure')} AND NOT ${isRunningSql}
        ORDER BY f.look_at LIMIT ${maxFollowsTakingTurns}
     ), open AS MATERIALIZED (
       SELECT wave_at, count(*) AS runs FROM follow_runs WHERE state = 'running' GROUP BY wave_at
     ), turn AS MATERIALIZED (
       SELECT due.id, coalesce(open.runs, 0) + row_number() OVER (PARTITION BY due.wave_at ORDER BY due.look_at) AS turn
         FROM due LEFT JOIN open USING (wave_at)
     ), candidate AS MATERIALIZED (
       SELECT f.*, turn.turn FROM turn JOIN follows f ON f.id = turn.id
        WHERE f.look_at <= now() AND NOT ${isStoppedSql('f.failure')}
        ORDER BY turn.turn, f.look_at LIMIT $3 FOR NO KEY UPDATE OF f SKIP LOCKED
     ), below (id, follow_id) AS (
       SELECT id, id FROM candidate
       UNION
       SELECT b.id, f.id
         FROM below b JOIN follow_sources fs ON fs.follow_id = b.follow_id AND fs.requested <> fs.version
              JOIN follows f ON f.chart_id = ${chartIdSql('fs.space', 'fs.chart')}
                            AND NOT ${isStoppedSql('f.failure')}
     ), waiting AS (
       SELECT c.id, min(CASE WHEN r.id IS NULL THEN f.look_at ELSE now() END) AS until
         FROM candidate c JOIN below b ON b.id = c.id AND b.follow_id <> c.id JOIN follows f ON f.id = b.follow_id
              LEFT JOIN follow_runs r ON r.follow_id = f.id AND r.state = 'running'
        WHERE f.wave_at <= c.due_at OR r.wave_at <= c.due_at
        GROUP BY c.id
     ), ready AS MATERIALIZED (
       SELECT c.* FROM candidate c WHERE c.id NOT IN (SELECT id FROM waiting) ORDER BY c.turn, c.look_at LIMIT $1
     ), r AS (
       INSERT INTO follow_runs (follow_id, set_at, principal_id, principal, token_id, proof, wave_at, lease_until)
       SELECT id, changed_at, principal_id, principal, token_id, ${setProofSql}, wave_at, now() + make_interval(secs => $2) FROM ready
       RETURNING id, follow_id, wave_at, principal_id, principal, token_id, proof
     ), deferred AS (
       UPDATE follows f SET look_at = least(greatest(now() + interval '1 second', w.until), now() + interval '1 minute')
         FROM waiting w WHERE f.id = w.id
     ), taken AS (
       UPDATE follows f SET due_at = NULL, due_since = NULL, wave_at = NULL, look_at = NULL
         FROM ready c WHERE f.id = c.id
     )
     SELECT ${followRunColumns}, counted.looked
       FROM (SELECT count(*)::int AS looked FROM candidate) counted
            LEFT JOIN (r JOIN ready f ON f.id = r.follow_id) ON true`,
    [limit, runLeaseSeconds, size],
  );
}
