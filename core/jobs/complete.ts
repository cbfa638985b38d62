import type { Transaction } from '../db/port.ts';
import type { ErrorBody } from '../errors.ts';
import { releaseLocksSql } from '../locks/table.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { limitWarnings, type Warning } from '../recipe/warning.ts';
import { storeBlob } from '../registry/blob-references.ts';
import { ensureSpace } from '../registry/space-rows.ts';
import type { ClaimedJob } from './claim.ts';
import { addComposedCharts, type ComposedChart } from './composed.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';
import { createJobDelivery } from './job-delivery.ts';
import { notifySql } from './job-events.ts';
import type { JobDeps } from './jobs.ts';
import { tryEnqueue } from './try-queue.ts';
import type { JobLinks } from './view.ts';

type FinalState = 'succeeded' | 'failed' | 'cancelled';

/**
 * Thrown when a job is no longer this worker's, since it was cancelled or claimed by another; nothing may be written.
 */
export class JobLost extends Error {
  override name = 'JobLost';
}

/**
 * Stores the composed chart of a job and ends the job as `succeeded`, in one transaction.
 * The transaction adds the version and its lineage, releases the target, and creates the delivery.
 * @throws {JobLost}
 */
export async function succeedJob(
  jobs: JobDeps,
  job: ClaimedJob,
  plan: Plan<Configuration>,
  composed: ComposedChart,
): Promise<void> {
  const { archive } = composed;
  const { job: ended, deliveries } = await storeBlob(jobs, archive, (blob) =>
    jobs.db.transaction(async (tx) => {
      // No lock is needed: the job's reservation has kept other writers from the target since the job was accepted.
      const [spaceId] = await Promise.all([ensureSpace(tx, plan.space, 'mutable'), blob.lockStored(tx)]);
      if (composed.warnings.length > 0) await addWarnings(tx, job.id, composed.warnings);
      const ending = endJob(tx, jobs.links, job.id, 'succeeded', { fence: job.fence });
      const writing = addComposedCharts(tx, [{ spaceId, jobId: job.id, plan, composed }]);
      // A lost job is reported first: the worker that has it now may have added the version already.
      const [ended, written] = await Promise.allSettled([ending, writing]);
      if (ended.status === 'rejected') throw ended.reason;
      if (!ended.value) throw new JobLost();
      if (written.status === 'rejected') throw written.reason;
      return ended.value;
    }),
  );
  jobs.watch.publishFinished(ended);
  await tryEnqueue(jobs, 'deliveries', deliveries);
}

async function addWarnings(tx: Transaction, id: string, warnings: readonly Warning[]): Promise<void> {
  const [job] = await tx.query<{ warnings: Warning[] | null }>(
    'SELECT warnings FROM jobs WHERE id = $1 FOR UPDATE',
    [id],
  );
  const all = limitWarnings([...(job?.warnings ?? []), ...warnings]);
  await tx.query('UPDATE jobs SET warnings = $2 WHERE id = $1', [id, JSON.stringify(all)]);
}

/**
 * Ends a job as `failed`, with the reason.
 * @throws {JobLost}
 */
export async function failJob(jobs: JobDeps, job: ClaimedJob, error: ErrorBody): Promise<void> {
  const ended = await jobs.db.transaction((tx) =>
    endJob(tx, jobs.links, job.id, 'failed', { fence: job.fence, error }),
  );
  if (!ended) throw new JobLost();
  jobs.watch.publishFinished(ended.job);
  await tryEnqueue(jobs, 'deliveries', ended.deliveries);
}

/**
 * Ends a job: sets its final state, releases its locks, creates its delivery and notifies every process.
 * @param only.fence the fence with which a worker has the job; a cancellation has none
 * @returns the ended job and the ids of new deliveries; undefined when the job is over, or has another fence
 */
export async function endJob(
  tx: Transaction,
  links: JobLinks,
  id: string,
  state: FinalState,
  only: { fence?: number; error?: ErrorBody },
): Promise<{ job: Job; deliveries: string[] } | undefined> {
  const [row] = await tx.query<JobRow & { callbackUrl: string | null; callbackSecret: string | null }>(
    `WITH ended AS (
       UPDATE jobs SET state = $2::job_state, finished_at = now(), requeue_at = NULL, error = $4,
              stage = 'done', done = CASE WHEN $2::job_state = 'succeeded' THEN total ELSE done END
        WHERE id = $1 AND CASE WHEN $3::bigint IS NULL THEN state IN ('queued', 'running')
                               ELSE fence = $3 AND state = 'running' END
        RETURNING ${jobColumns}, callback_url AS "callbackUrl", callback_secret AS "callbackSecret"
     ), ${releaseLocksSql('SELECT id FROM ended')}
     SELECT ended.*, ${notifySql('end')}, (SELECT count(*) FROM released) FROM ended`,
    [id, state, only.fence ?? null, only.error ? JSON.stringify(only.error) : null],
  );
  if (!row) return undefined;
  const { callbackUrl, callbackSecret, ...columns } = row;
  const job = toJob(columns);
  // The delivery has a copy, which is deleted when the delivery is over.
  if (callbackSecret !== null) await tx.query('UPDATE jobs SET callback_secret = NULL WHERE id = $1', [id]);
  const callback =
    callbackUrl === null ? undefined : { url: callbackUrl, secret: callbackSecret ?? undefined };
  return { job, deliveries: callback ? [await createJobDelivery(tx, links, job, callback)] : [] };
}
