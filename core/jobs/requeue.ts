import type { Queryable } from '../db/port.ts';
import type { ClaimedRow } from '../webhooks/requeue.ts';
import { announcing } from './job-events.ts';
import { graceSeconds } from './timings.ts';

/**
 * Claims jobs that the queue, or a worker, seems to have forgotten, the longest overdue first, to be put on the queue.
 * They are pushed forward in the same statement, so that no two sweeps get the same one.
 * @returns at most `limit` of them
 */
export function claimForgottenJobs(db: Queryable, limit: number): Promise<ClaimedRow[]> {
  return db.query<ClaimedRow>(
    `WITH forgotten AS MATERIALIZED (
       SELECT id FROM jobs WHERE state IN ('queued', 'running') AND requeue_at <= now()
        ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs SET state = 'queued', stage = 'queued', done = 0, requeue_at = now() + $2::interval
      WHERE id IN (SELECT id FROM forgotten)
     RETURNING id, requeue_at::text AS until, ${announcing('change')}`,
    [limit, `${graceSeconds} seconds`],
  );
}

/** Makes every job that should be on the queue due to be put there. */
export async function hastenJobs(db: Queryable): Promise<void> {
  await db.query("UPDATE jobs SET requeue_at = now() WHERE state = 'queued' AND requeue_at > now()");
}
