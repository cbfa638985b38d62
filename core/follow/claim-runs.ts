import type { Database, Transaction } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import { isStoppedSql } from './stopped.ts';

/** Seconds after which another worker goes on with a run whose job is not known. */
export const runLeaseSeconds = 15;

/** Open run of a follow, with what is needed to go on with it. */
export interface ClaimedFollowRun {
  id: string;
  followId: string;
  settings: FollowSettings;
  /** Id of the principal with whose rights it runs; null for a follow that was set with open access. */
  principalId: string | null;
  principal: string | null;
  tokenId: string | null;
  callbackUrl: string | null;
  callbackSecret: string | null;
  callbackRow: string | null;
  failedSet: string | null;
  /** Time of the publication with which all this began. */
  waveAt: Date;
  /** Failures in a row that have nothing to do with the recipe. */
  attempts: number;
}

const authorColumnSql = (column: string) =>
  `CASE WHEN f.principal_id IS NOT DISTINCT FROM r.principal_id THEN f.${column} END`;

/**
 * SQL columns of `ClaimedFollowRun`, of a run `r` and its follow `f`.
 * The rights are those with which the run was opened, and the callback is theirs or none.
 */
export const followRunColumns = `r.id, f.id AS "followId", f.settings, r.principal_id AS "principalId", r.principal,
  r.token_id AS "tokenId", ${authorColumnSql('callback_url')} AS "callbackUrl",
  ${authorColumnSql('callback_secret')} AS "callbackSecret", ${authorColumnSql('callback_row')} AS "callbackRow",
  f.failed_set AS "failedSet", r.wave_at AS "waveAt", f.attempts`;

/** Largest number of due follows that one statement looks at. */
const batchSize = 50;

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
    return free > 0 ? [...abandoned, ...(await openReadyRuns(tx, Math.min(free, batchSize)))] : abandoned;
  });
}

function claimExpiredRuns(tx: Transaction): Promise<ClaimedFollowRun[]> {
  return tx.query<ClaimedFollowRun>(
    `WITH r AS (
       UPDATE follow_runs SET lease_until = now() + make_interval(secs => $1)
        WHERE state = 'running' AND lease_until <= now()
       RETURNING id, follow_id, wave_at, principal_id, principal, token_id
     ), locked AS MATERIALIZED (
       SELECT id FROM follows WHERE id IN (SELECT follow_id FROM r) ORDER BY id FOR NO KEY UPDATE
     ), f AS (
       UPDATE follows SET attempts = attempts + 1 WHERE id IN (SELECT id FROM locked) RETURNING *
     )
     SELECT ${followRunColumns} FROM r JOIN f ON f.id = r.follow_id`,
    [runLeaseSeconds],
  );
}

/** Opens runs, looking on past follows that have to wait. */
async function openReadyRuns(tx: Transaction, limit: number): Promise<ClaimedFollowRun[]> {
  for (;;) {
    const rows = await openRunsOfBatch(tx, limit);
    const runs = rows.flatMap(({ looked: _, id, ...run }) => (id === null ? [] : [{ ...run, id }]));
    if (runs.length > 0 || (rows[0]?.looked ?? 0) < batchSize) return runs;
  }
}

/** Run that was opened, if any, and the number of follows that were looked at. */
type OpenedRun = Omit<ClaimedFollowRun, 'id'> & { id: string | null; looked: number };

/**
 * Opens runs for due follows that have none, the longest due first.
 * A chart waits for every followed chart below it, at any depth, that is due or composed, if that began before the chart
 * itself was due: so each is composed once, from the leaves up, and none waits for ever. One that waits is looked at
 * again after a second, behind the others, or when those below it are. That is within a minute: they may be done, or their
 * follows ended, before their time.
 */
function openRunsOfBatch(tx: Transaction, limit: number): Promise<OpenedRun[]> {
  return tx.query<OpenedRun>(
    `WITH RECURSIVE candidate AS MATERIALIZED (
       SELECT f.* FROM follows f
        WHERE f.look_at <= now() AND NOT ${isStoppedSql('f.failure')} AND NOT EXISTS (
                SELECT FROM follow_runs r WHERE r.follow_id = f.id AND r.state = 'running')
        ORDER BY f.look_at LIMIT ${batchSize} FOR NO KEY UPDATE SKIP LOCKED
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
       SELECT c.* FROM candidate c WHERE c.id NOT IN (SELECT id FROM waiting) ORDER BY c.look_at LIMIT $1
     ), r AS (
       INSERT INTO follow_runs (follow_id, set_at, principal_id, principal, token_id, wave_at, lease_until)
       SELECT id, changed_at, principal_id, principal, token_id, wave_at, now() + make_interval(secs => $2) FROM ready
       RETURNING id, follow_id, wave_at, principal_id, principal, token_id
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
    [limit, runLeaseSeconds],
  );
}
