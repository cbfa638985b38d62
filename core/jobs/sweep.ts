import type { Database } from '../db/port.ts';
import type { QueueName } from '../queue/port.ts';
import { type ClaimedRow, sweepDeliveries } from '../webhooks/deliveries.ts';
import { noteGeneration } from './generation.ts';
import type { Jobs } from './jobs.ts';
import { graceSeconds } from './timings.ts';
import { jobChannel } from './watch.ts';

const batch = 500;

/** Seconds after which what a sweep has put on the queue is put there again, should it still wait. */
const againSeconds = 60;

export interface Swept {
  /** What the queue called itself; another name than before says that what was on it may be gone. */
  generation: string;
  jobs: number;
  deliveries: number;
}

/**
 * Puts on the queue what should be there and may not be: accepted but never enqueued, lost with the queue, left by a
 * worker that died, or a call whose time has come. Any number of sweeps may run at once; each row goes to one of them.
 * @param signal ends it after the batch that is in hand
 * @returns how many were put there
 */
export async function sweep(jobs: Jobs, signal?: AbortSignal): Promise<Swept> {
  const generation = await jobs.queue.generation();
  await noteGeneration(jobs.db, generation);
  const swept = {
    generation,
    jobs: await putBack(jobs, 'orchestrations', () => claimForgotten(jobs.db), signal),
    deliveries: await putBack(jobs, 'deliveries', () => sweepDeliveries(jobs.db, batch), signal),
  };
  // Nobody asks for these any more, so nobody would clear them away.
  await jobs.db.query("DELETE FROM locks WHERE expires_at < now() - interval '1 minute'");
  return swept;
}

// A batch is claimed for the grace only: should this process or the queue fail now, the next sweep is not far.
async function putBack(
  jobs: Jobs,
  queue: QueueName,
  claim: () => Promise<ClaimedRow[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let count = 0; ; ) {
    const rows = await claim();
    const [first] = rows;
    if (first) {
      const ids = rows.map((row) => row.id);
      await jobs.queue.enqueue(queue, ids);
      await leaveAlone(jobs.db, queue, ids, first.until);
    }
    count += rows.length;
    if (rows.length < batch || signal?.aborted) return count;
  }
}

function claimForgotten(db: Database): Promise<ClaimedRow[]> {
  return db.query<ClaimedRow>(
    `WITH forgotten AS MATERIALIZED (
       SELECT id FROM jobs WHERE state IN ('queued', 'running') AND requeue_at <= now()
        ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE jobs j SET state = 'queued', stage = 'queued', done = 0, requeue_at = now() + $2::interval
       FROM forgotten f WHERE j.id = f.id
     RETURNING j.id, j.requeue_at::text AS until, pg_notify($3, j.id::text)`,
    [batch, `${graceSeconds} seconds`, jobChannel],
  );
}

// What is on the queue needs no second look soon, however long the queue is. What has changed since it was claimed was
// taken, or the queue was lost: then it is not for this sweep to say.
async function leaveAlone(
  db: Database,
  queue: QueueName,
  ids: readonly string[],
  until: string,
): Promise<void> {
  const [table, state] = queue === 'orchestrations' ? ['jobs', 'queued'] : ['deliveries', 'pending'];
  await db.query(
    `UPDATE ${table} SET requeue_at = now() + $2::interval
      WHERE id = ANY($1::uuid[]) AND state = '${state}' AND requeue_at = $3::timestamptz`,
    [ids, `${againSeconds} seconds`, until],
  );
}
