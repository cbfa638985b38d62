import { recordAuditRecords } from '../audit/record.ts';
import type { ErrorBody } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { storeBlob } from '../registry/blob-references.ts';
import type { ClaimedJob } from './claim.ts';
import type { CompositionResult, EndedJob } from './composed.ts';
import { endJobs } from './end-jobs.ts';
import { failureAuditRecord } from './job-audit.ts';
import type { JobDeps } from './jobs.ts';
import { tryEnqueue } from './try-queue.ts';

/**
 * Thrown when a job is no longer this worker's, since it was cancelled or claimed by another; nothing may be written.
 */
export class JobLost extends Error {
  override name = 'JobLost';
}

/**
 * Stores the composed chart of a job and ends the job as `succeeded`. One transaction does both.
 * The transaction adds the version and its lineage, releases the target, and creates the delivery.
 * @throws {JobLost}
 */
export async function succeedJob(
  jobs: JobDeps,
  job: ClaimedJob,
  plan: Plan<Configuration>,
  composed: CompositionResult,
): Promise<void> {
  const ended = await storeBlob(jobs, composed.archive, async (blob) => {
    const finished = await jobs.finish({ job, plan, composed, blob });
    if (!finished) throw new JobLost();
    return finished;
  });
  await reportEndedJob(jobs, ended);
}

/**
 * Ends a job as `failed`, with the reason.
 * @throws {JobLost}
 */
export async function failJob(jobs: JobDeps, job: ClaimedJob, error: ErrorBody): Promise<void> {
  const { id, fence, stages, traceparent } = job;
  const ending = { id, fence, state: 'failed', error, stages, traceparent } as const;
  const failed = await jobs.db.transaction(async (tx) => {
    const ended = (await endJobs(tx, jobs, [ending])).get(id);
    if (ended) recordAuditRecords(tx, [failureAuditRecord(job, ended.job, error)]);
    return ended;
  });
  if (!failed) throw new JobLost();
  await reportEndedJob(jobs, failed);
}

/** Counts an ended job, wakes its followers in this process. Enqueues the delivery that its callback is owed. */
export async function reportEndedJob(jobs: JobDeps, { job, deliveries }: EndedJob): Promise<void> {
  jobs.countEnd(job);
  jobs.watch.publishFinished(job);
  await tryEnqueue(jobs, 'deliveries', deliveries);
}
