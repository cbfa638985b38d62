import type { Queryable } from '../db/port.ts';
import { claimDueDeliveries, type DueRow } from '../webhooks/requeue.ts';
import { requeueOnNewGeneration } from './generation.ts';
import type { JobDeps } from './jobs.ts';
import { claimOverdueJobs } from './requeue.ts';

/** Rows of one statement of a sweep. */
const batchSize = 500;

/** Statements of one sweep for each queue: one that always finds overdue rows does not keep it from the other. */
const maxBatches = 20;

/** Seconds until a waiting id that a sweep has enqueued is enqueued once more. */
const resweepSeconds = 60;

/** For each queue: the function that claims overdue rows, their table, and the state of a row that is on the queue. */
const sweptQueues = {
  orchestrations: { claim: claimOverdueJobs, table: 'jobs', state: 'queued' },
  deliveries: { claim: claimDueDeliveries, table: 'deliveries', state: 'pending' },
} as const;
type SweptQueue = keyof typeof sweptQueues;

/** Result of a sweep. */
export interface SweepResult {
  /** The queue generation at the beginning of the sweep. */
  generation: string;
  jobs: number;
  deliveries: number;
}

/**
 * Enqueues jobs and deliveries that are due and perhaps not on the queue.
 * Such a row was never enqueued, was lost with the queue, was left by a worker that died, or is a delivery due for its
 * next attempt. Any number of sweeps may run in parallel; each row goes to one of them.
 * It ends after a number of batches, and leaves the rest to the next one.
 * @param signal ends the sweep after its current batch
 * @returns the numbers of enqueued rows
 */
export async function sweep(jobs: JobDeps, signal?: AbortSignal): Promise<SweepResult> {
  const generation = await jobs.queue.generation();
  await requeueOnNewGeneration(jobs.db, generation);
  const swept = {
    generation,
    jobs: await requeueBatch(jobs, 'orchestrations', signal),
    deliveries: await requeueBatch(jobs, 'deliveries', signal),
  };
  // Expired locks are deleted when their resource is locked again; this deletes those whose resource never is.
  await jobs.db.query("DELETE FROM locks WHERE expires_at < now() - interval '1 minute'");
  return swept;
}

// A batch is claimed for the grace period only, so that another sweep soon retries it if this process or the queue
// fails. Ids that reached the queue are then deferred for longer, since a queue may be long.
async function requeueBatch(
  jobs: JobDeps,
  queue: SweptQueue,
  signal: AbortSignal | undefined,
): Promise<number> {
  let count = 0;
  for (let batch = 0; batch < maxBatches; batch += 1) {
    const rows = await sweptQueues[queue].claim(jobs.db, batchSize);
    if (rows.length > 0) {
      const ids = rows.map((row) => row.id);
      await jobs.queue.enqueue(queue, ids);
      await deferRequeue(jobs.db, queue, ids, rows[0]?.until);
    }
    count += rows.length;
    if (rows.length < batchSize || signal?.aborted) break;
  }
  return count;
}

/**
 * Defers the next requeueing of rows that are on the queue.
 * A row whose due time has changed since it was claimed is left alone: a worker has claimed it, or the queue generation
 * has changed.
 */
async function deferRequeue(
  db: Queryable,
  queue: SweptQueue,
  ids: readonly string[],
  until: DueRow['until'] | undefined,
): Promise<void> {
  const { table, state } = sweptQueues[queue];
  await db.query(
    `UPDATE ${table} SET requeue_at = now() + $3::interval
      WHERE id = ANY($1::uuid[]) AND state = '${state}' AND requeue_at = $2::timestamptz`,
    [ids, until, `${resweepSeconds} seconds`],
  );
}
