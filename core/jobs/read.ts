import { RegistryError } from '../errors.ts';
import { isFinal, type Job } from './job.ts';
import type { JobDeps } from './jobs.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads a job by its id. A job that this process has ended recently comes from memory, since it no longer changes.
 * @throws {RegistryError} `job.notFound`
 */
export async function readJob(jobs: JobDeps, id: string): Promise<Job> {
  const key = id.toLowerCase();
  const ended = jobs.watch.finished(key);
  const isKept = ended && !mayBePurged(jobs, ended);
  const job = isKept ? ended : uuid.test(key) ? await jobs.readById(key) : undefined;
  if (!job) throw jobNotFound(jobs, id);
  return job;
}

/** Whether a job in memory may be deleted by now: other processes would not find it. */
function mayBePurged({ keepDays }: JobDeps, { finishedAt }: Job): boolean {
  return keepDays > 0 && finishedAt !== null && finishedAt.getTime() < Date.now() - keepDays * dayMs;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Makes the error for a job that does not exist, or was deleted. Nothing is left of a deleted job, so both look the
 * same.
 */
export function jobNotFound({ keepDays }: JobDeps, id: string): RegistryError {
  const kept = keepDays > 0 ? ` Jobs are deleted ${keepDays} days after they have ended (JOBS_KEEP).` : '';
  return new RegistryError('job.notFound', `There is no job ${id}.${kept}`);
}

/** Yields a job now and after each change. The changes end when the job is final or the signal aborts. */
export async function* followJob(jobs: JobDeps, id: string, signal: AbortSignal): AsyncGenerator<Job> {
  const follower = jobs.watch.follow(id);
  try {
    let seen = '';
    for (;;) {
      const job = await readJob(jobs, id);
      const now = JSON.stringify(job);
      if (now !== seen) yield job;
      seen = now;
      if (isFinal(job.state) || signal.aborted) return;
      await follower.next(signal);
    }
  } finally {
    follower.stop();
  }
}

/**
 * Waits until a job is final, or the signal aborts.
 * @param job as the caller read it shortly before; the watch remembers jobs that ended since then
 * @returns the job as it is then
 */
export async function waitForJob(jobs: JobDeps, job: Job, signal: AbortSignal): Promise<Job> {
  if (isFinal(job.state)) return job;
  const { id } = job;
  const follower = jobs.watch.subscribeFinished(id);
  try {
    for (;;) {
      await follower.next(signal);
      const now = await readJob(jobs, id);
      if (isFinal(now.state) || signal.aborted) return now;
    }
  } finally {
    follower.stop();
  }
}
