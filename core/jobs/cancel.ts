import { recordAudit } from '../audit/record.ts';
import { RegistryError } from '../errors.ts';
import { reportEndedJob } from './complete.ts';
import { endJobs } from './end-jobs.ts';
import type { Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { readJob } from './read.ts';
import { tryRemoveJob } from './try-queue.ts';

/**
 * Cancels a job that is queued or running.
 * A worker that runs the job finds at its next step that its fence is no longer valid, and writes nothing.
 * @throws {RegistryError} `job.notFound`, `job.final`
 */
export async function cancelJob(jobs: JobDeps, id: string): Promise<Job> {
  const { id: jobId } = await readJob(jobs, id);
  const cancelled = await jobs.db.transaction(async (tx) => {
    const ended = (await endJobs(tx, jobs, [{ id: jobId, state: 'cancelled' }])).get(jobId);
    if (!ended) return undefined;
    const { space, chart, version } = ended.job;
    const event = { action: 'job.cancel', right: 'job.cancel', space, chart, version, jobId } as const;
    await recordAudit(tx, jobs.actor, event);
    return ended;
  });
  if (!cancelled) {
    const job = await readJob(jobs, jobId);
    throw new RegistryError(
      'job.final',
      `Job ${id} is ${job.state}; only a queued or running job can be cancelled.`,
    );
  }
  await reportEndedJob(jobs, cancelled);
  await tryRemoveJob(jobs, jobId);
  return cancelled.job;
}
