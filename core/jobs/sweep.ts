import { claimDueDeliveries, leaveDeliveries } from '../webhooks/requeue.ts';
import { noteGeneration } from './generation.ts';
import type { Jobs } from './jobs.ts';
import { claimForgottenJobs, leaveJobs } from './requeue.ts';

const batch = 500;

/** Seconds after which what a sweep has put on the queue is put there again, should it still wait. */
const againSeconds = 60;

/** How rows come onto each queue again. */
const tables = {
  orchestrations: { claim: claimForgottenJobs, leave: leaveJobs },
  deliveries: { claim: claimDueDeliveries, leave: leaveDeliveries },
};

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
    jobs: await putBack(jobs, 'orchestrations', signal),
    deliveries: await putBack(jobs, 'deliveries', signal),
  };
  // Nobody asks for these any more, so nobody would clear them away.
  await jobs.db.query("DELETE FROM locks WHERE expires_at < now() - interval '1 minute'");
  return swept;
}

// A batch is claimed for the grace only: should this process or the queue fail now, the next sweep is not far. What is on
// the queue is left alone for longer, however long the queue is.
async function putBack(
  jobs: Jobs,
  queue: keyof typeof tables,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { claim, leave } = tables[queue];
  for (let count = 0; ; ) {
    const rows = await claim(jobs.db, batch);
    const [first] = rows;
    if (first) {
      const ids = rows.map((row) => row.id);
      await jobs.queue.enqueue(queue, ids);
      await leave(jobs.db, ids, first.until, againSeconds);
    }
    count += rows.length;
    if (rows.length < batch || signal?.aborted) return count;
  }
}
