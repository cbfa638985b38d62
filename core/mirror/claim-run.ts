import type { Database, Transaction } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import type { MirrorSettings } from './settings.ts';

/** Seconds without a renewal after which another worker goes on with a run. */
export const mirrorLeaseSeconds = 15;

/** Run of a mirror that a worker has claimed. */
export interface ClaimedMirrorRun {
  id: string;
  number: number;
  /** UUID of the poll for due mirrors that has claimed it. A process polls in two loops, each poll with a UUID of its own. */
  holder: string;
  /** Number of times that a worker has claimed it. */
  claims: number;
  /** Whether somebody has asked for it; else it is by the schedule. */
  asked: boolean;
  mirrorId: string;
  space: string;
  spaceId: number;
  url: string;
  settings: MirrorSettings;
  /** Sealed credentials. */
  secret: string | null;
  every: number | null;
  etag: string | null;
  lastModified: string | null;
  attempts: number;
}

/**
 * Claims a run. The run is one whose worker has died, or a new run of the mirror that is due the longest. Mirrors of
 * one host run one after the other, since the host would get the requests of each. A held registry copies nothing.
 * @param holder UUID of the poll, drawn anew for each
 * @returns undefined when there is nothing to do
 */
export function claimMirrorRun(db: Database, holder: string): Promise<ClaimedMirrorRun | undefined> {
  return db.transaction(async (tx) => {
    const id = (await claimAbandonedRun(tx, holder)) ?? (await openRun(tx, holder));
    if (id === undefined) return undefined;
    const [run] = await tx.query<ClaimedMirrorRun>(
      `SELECT r.id, r.number, r.holder, r.claims, r.asked, m.id AS "mirrorId", s.name AS space, s.id AS "spaceId", m.url, m.settings, m.secret, m.every, m.etag,
              m.last_modified AS "lastModified", m.attempts
         FROM mirror_runs r JOIN mirrors m ON m.id = r.mirror_id JOIN spaces s ON s.id = m.space_id
        WHERE r.id = $1`,
      [id],
    );
    return run;
  });
}

async function claimAbandonedRun(tx: Transaction, holder: string): Promise<string | undefined> {
  const [run] = await tx.query<{ id: string }>(
    `UPDATE mirror_runs SET holder = $1, claims = claims + 1, lease_until = now() + make_interval(secs => ${mirrorLeaseSeconds})
      WHERE id = (SELECT id FROM mirror_runs
                   WHERE state = 'running' AND lease_until <= now() AND ${notHeldSql}
                   ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id`,
    [holder],
  );
  return run?.id;
}

/** SQL for the scheme, host and port that mirror `m` asks. */
const originSql = `CASE WHEN m.url LIKE 'oci://%' AND m.settings @> '{"plainHttp": true}' THEN 'http' WHEN m.url LIKE 'oci://%' THEN 'https'
       ELSE split_part(m.url, '://', 1) END || '://' || split_part(split_part(m.url, '://', 2), '/', 1)`;

/**
 * Opens a run. Two workers may choose mirrors of one host at once. The index of open runs admits one of them, and the
 * other mirror stays due. A run whose worker has died counts until another worker takes it over, and then holds up
 * nobody.
 */
async function openRun(tx: Transaction, holder: string): Promise<string | undefined> {
  const [mirror] = await tx.query<{ id: string; asked: boolean; origin: string }>(
    `SELECT id, asked, ${originSql} AS origin FROM mirrors m
      WHERE due_at <= now() AND ${notHeldSql} AND NOT EXISTS (
              SELECT FROM mirror_runs r WHERE r.mirror_id = m.id AND r.state = 'running') AND NOT EXISTS (
              SELECT FROM mirror_runs r WHERE r.origin = ${originSql} AND r.state = 'running')
      ORDER BY due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
  );
  if (!mirror) return undefined;
  const [run] = await tx.query<{ id: string }>(
    `INSERT INTO mirror_runs (mirror_id, origin, holder, lease_until, asked)
     VALUES ($1, $2, $3, now() + make_interval(secs => ${mirrorLeaseSeconds}), $4)
     ON CONFLICT DO NOTHING RETURNING id`,
    [mirror.id, mirror.origin, holder, mirror.asked],
  );
  if (run) await tx.query('UPDATE mirrors SET due_at = NULL, asked = false WHERE id = $1', [mirror.id]);
  return run?.id;
}

/** Renews the lease of a run. @returns whether it is this process's still */
export async function renewLease(db: Database, { id, holder }: ClaimedMirrorRun): Promise<boolean> {
  const kept = await db.query(
    `UPDATE mirror_runs SET lease_until = now() + make_interval(secs => ${mirrorLeaseSeconds})
      WHERE id = $1 AND holder = $2 AND state = 'running' AND ${notHeldSql} RETURNING id`,
    [id, holder],
  );
  return kept.length > 0;
}

/** Lets another worker go on with a run at once. */
export async function releaseMirrorRun(db: Database, { id, holder }: ClaimedMirrorRun): Promise<void> {
  await db.query(
    "UPDATE mirror_runs SET lease_until = now(), claims = claims - 1 WHERE id = $1 AND holder = $2 AND state = 'running'",
    [id, holder],
  );
}
