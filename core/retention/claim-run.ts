import type { Database, Queryable } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import type { DecidedSpace } from './load-charts.ts';
import type { RetentionRule } from './rules.ts';

/** Run that this worker has. */
export interface ClaimedRetentionRun {
  id: string;
  space: DecidedSpace;
  rules: RetentionRule[];
  mostDeleted: number;
  /** Time from which days are counted back, the same for every worker that goes on with the run. */
  startedAt: Date;
  fence: number;
  /** Versions that were deleted before, by a worker that has died or was stopped. */
  deleted: number;
  /** Claims since the run last got on. */
  attempts: number;
}

/** Seconds for which a claim holds unless it is renewed. */
const leaseSeconds = 30;

const leaseEndSql = `clock_timestamp() + interval '${leaseSeconds} seconds'`;

/** Claims an open run that no living worker has. @returns undefined where there is none */
export async function claimRetentionRun(db: Database): Promise<ClaimedRetentionRun | undefined> {
  const [row] = await db.query<Omit<ClaimedRetentionRun, 'space'> & { spaceId: number; space: string }>(
    `UPDATE retention_runs r
        SET fence = nextval('fences'), lease_until = ${leaseEndSql}, attempts = r.attempts + 1
       FROM spaces s
      WHERE s.id = r.space_id AND r.id = (
              SELECT id FROM retention_runs WHERE state = 'running' AND lease_until <= now() AND ${notHeldSql}
               ORDER BY lease_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING r.id, r.space_id AS "spaceId", s.name AS space, r.rules, r.most_deleted AS "mostDeleted",
                r.started_at AS "startedAt", r.fence, r.deleted, r.attempts`,
  );
  if (!row) return undefined;
  const { spaceId, space, ...run } = row;
  return { ...run, space: { id: spaceId, name: space } };
}

/** Standing of a run: still this worker's, another one's, or of rules that somebody has changed meanwhile. */
export type RunStanding = 'ours' | 'lost' | 'changed';

/** Renews the claim, and notes how far the run is. Locks the run's row until the end of a transaction. */
export async function renewClaim(
  db: Queryable,
  { id, fence }: Pick<ClaimedRetentionRun, 'id' | 'fence'>,
  { examined, due }: { examined?: number; due?: number } = {},
): Promise<RunStanding> {
  const [row] = await db.query<{ isCurrent: boolean }>(
    `UPDATE retention_runs r
        SET lease_until = ${leaseEndSql}, examined = coalesce($3, r.examined), due = coalesce($4, r.due)
      WHERE id = $1 AND fence = $2 AND state = 'running' AND ${notHeldSql}
      RETURNING (SELECT t.changed_at FROM retention t WHERE t.space_id = r.space_id) IS NOT DISTINCT FROM r.rules_at
                AS "isCurrent"`,
    [id, fence, examined ?? null, due ?? null],
  );
  if (!row) return 'lost';
  return row.isCurrent ? 'ours' : 'changed';
}

/** Leaves a run to another worker at once, since this one is stopped. */
export async function releaseRetentionRun(db: Database, { id, fence }: ClaimedRetentionRun): Promise<void> {
  await db.query(
    `UPDATE retention_runs SET lease_until = '-infinity', attempts = attempts - 1
      WHERE id = $1 AND fence = $2 AND state = 'running'`,
    [id, fence],
  );
}
