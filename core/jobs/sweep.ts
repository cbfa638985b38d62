import type { Database } from '../db/port.ts';
import { sweepDeliveries } from '../webhooks/deliveries.ts';
import type { Jobs } from './jobs.ts';
import { graceSeconds, longestGraceSeconds } from './timings.ts';
import { jobChannel } from './watch.ts';

const batch = 500;

/**
 * Puts back on the queue what should be there and may not be: accepted but never enqueued, forgotten by a queue that was
 * flushed, or left by a worker that died. Any number of sweeps may run at once; each row goes to one of them.
 * @returns how many were put back
 */
export async function sweep(jobs: Jobs): Promise<{ jobs: number; deliveries: number }> {
  const forgotten = await claimForgotten(jobs.db);
  if (forgotten.length > 0) await jobs.queue.enqueue('orchestrations', forgotten);
  const owed = await sweepDeliveries(jobs.db, batch);
  if (owed.length > 0) await jobs.queue.enqueue('deliveries', owed);
  // Nobody asks for these any more, so nobody would clear them away.
  await jobs.db.query("DELETE FROM locks WHERE expires_at < now() - interval '1 minute'");
  return { jobs: forgotten.length, deliveries: owed.length };
}

// A job that only waits in a long queue looks forgotten too: it is looked at ever less often as it grows old.
async function claimForgotten(db: Database): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `WITH forgotten AS MATERIALIZED (
       SELECT id FROM jobs WHERE state IN ('queued', 'running') AND requeue_at <= now()
        ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs j SET state = 'queued', stage = 'queued', done = 0,
            requeue_at = now() + greatest($2::interval, least(now() - j.created_at, $3::interval))
       FROM forgotten f WHERE j.id = f.id
     RETURNING j.id, pg_notify($4, j.id::text)`,
    [batch, `${graceSeconds} seconds`, `${longestGraceSeconds} seconds`, jobChannel],
  );
  return rows.map((row) => row.id);
}
