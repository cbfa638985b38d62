import { recordAudit } from '../audit/record.ts';
import { RegistryError } from '../errors.ts';
import { publishEnd } from './complete.ts';
import { endJobs } from './end-jobs.ts';
import type { Job } from './job.ts';
import type { JobDeps } from './jobs.ts';
import { readJob } from './read.ts';
import { tryRemove } from './try-queue.ts';

/**
 * Cancels a job that is queued or running.
 * A worker that runs the job finds at its next step that its fence is no longer valid, and writes nothing.
 * @throws {RegistryError} `job.notFound`, `job.final`
 */
export async function cancelJob(jobs: JobDeps, id: string): Promise<Job> {
  const { id: jobId, space, chart, version } = await readJob(jobs, id);
  const ended = await jobs.db.transaction(async (tx) => {
    const cancelled = await endJobs(tx, jobs.links, [{ id: jobId, state: 'cancelled' }]);
    if (cancelled.size > 0)
      await recordAudit(tx, jobs.actor, {
        action: 'job.cancel',
        right: 'job.cancel',
        space,
        chart,
        version,
        jobId,
      });
    return cancelled;
  });
  const cancelled = ended.get(jobId);
  if (!cancelled) {
    const job = await readJob(jobs, jobId);
    throw new RegistryError(
      'job.final',
      `Job ${id} is ${job.state}; only a queued or running job can be cancelled.`,
    );
  }
  await publishEnd(jobs, cancelled);
  await tryRemove(jobs, jobId);
  return cancelled.job;
}
