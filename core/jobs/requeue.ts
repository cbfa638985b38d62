import type { Queryable } from '../db/port.ts';
import type { DueRow } from '../webhooks/requeue.ts';
import { queueDeliverySeconds } from './claim.ts';
import { notifyJobChangeSql } from './job-events.ts';
import { enterStageSql } from './stages.ts';

/**
 * Claims overdue jobs for a sweep. Overdue jobs were never delivered by the queue, or not renewed by their worker.
 * The longest overdue come first. The statement also moves their due time, so that no two sweeps get the same job.
 * @returns at most `limit` jobs
 */
export function claimOverdueJobs(db: Queryable, limit: number): Promise<DueRow[]> {
  return db.query<DueRow>(
    `WITH forgotten AS MATERIALIZED (
       SELECT id FROM jobs WHERE state IN ('queued', 'running') AND requeue_at <= now()
        ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs SET state = 'queued', stage = 'queued', done = 0, requeue_at = now() + $2::interval,
            stages = CASE WHEN state = 'queued' THEN stages ELSE ${enterStageSql('queued')} END
      WHERE id IN (SELECT id FROM forgotten)
     RETURNING id, requeue_at::text AS until, ${notifyJobChangeSql('change')}`,
    [limit, `${queueDeliverySeconds} seconds`],
  );
}

/** Makes every queued job due, so that the next sweep enqueues it. */
export async function makeQueuedJobsDue(db: Queryable): Promise<void> {
  await db.query("UPDATE jobs SET requeue_at = now() WHERE state = 'queued' AND requeue_at > now()");
}
