import type { Queryable } from '../db/port.ts';
import { type ClaimedRow, claimDueDeliveries } from '../webhooks/requeue.ts';
import { requeueOnNewGeneration } from './generation.ts';
import type { JobDeps } from './jobs.ts';
import { claimForgottenJobs } from './requeue.ts';

const batch = 500;

/** Seconds after which what a sweep has put on the queue is put there again, should it still wait. */
const againSeconds = 60;

/** How rows come onto each queue again, and how one stands that is there. */
const sweeps = {
  orchestrations: { claim: claimForgottenJobs, table: 'jobs', state: 'queued' },
  deliveries: { claim: claimDueDeliveries, table: 'deliveries', state: 'pending' },
} as const;
type SweptQueue = keyof typeof sweeps;

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
export async function sweep(jobs: JobDeps, signal?: AbortSignal): Promise<Swept> {
  const generation = await jobs.queue.generation();
  await requeueOnNewGeneration(jobs.db, generation);
  const swept = {
    generation,
    jobs: await requeueBatch(jobs, 'orchestrations', signal),
    deliveries: await requeueBatch(jobs, 'deliveries', signal),
  };
  // Nobody asks for these any more, so nobody would clear them away.
  await jobs.db.query("DELETE FROM locks WHERE expires_at < now() - interval '1 minute'");
  return swept;
}

// A batch is claimed for the grace only: should this process or the queue fail now, the next sweep is not far. What is on
// the queue is left alone for longer, however long the queue is; what a worker of this process was handed is not on it.
async function requeueBatch(
  jobs: JobDeps,
  queue: SweptQueue,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let count = 0; ; ) {
    const rows = await sweeps[queue].claim(jobs.db, batch);
    if (rows.length > 0) {
      const queued = await jobs.queue.enqueue(
        queue,
        rows.map((row) => row.id),
      );
      if (queued.length > 0) await deferNextSweep(jobs.db, queue, queued, rows[0]?.until);
    }
    count += rows.length;
    if (rows.length < batch || signal?.aborted) return count;
  }
}

/**
 * Says of claimed rows that they are on the queue and need no second look soon. What has changed since it was claimed was
 * taken, or the queue was lost: then it is not for this sweep to say.
 */
async function deferNextSweep(
  db: Queryable,
  queue: SweptQueue,
  ids: readonly string[],
  until: ClaimedRow['until'] | undefined,
): Promise<void> {
  const { table, state } = sweeps[queue];
  await db.query(
    `UPDATE ${table} SET requeue_at = now() + $3::interval
      WHERE id = ANY($1::uuid[]) AND state = '${state}' AND requeue_at = $2::timestamptz`,
    [ids, until, `${againSeconds} seconds`],
  );
}
