import { clientCodes, RegistryError } from '../errors.ts';
import type { Job, JobState, SucceededJob } from '../types/jobs.ts';

const finalStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled']);

/** Whether a job is over. */
export function isFinal({ state }: Pick<Job, 'state'>): boolean {
  return finalStates.has(state);
}

/** Returns a job that has succeeded. @throws {RegistryError} the error of a failed job; `job.cancelled` */
export function requireSuccess(job: Job): SucceededJob {
  const { state, result, error } = job;
  if (state === 'succeeded' && result) return { ...job, state, result };
  const problem = error ?? {
    code: clientCodes.cancelled,
    message: `Job ${job.id} was cancelled before it was done.`,
  };
  const details = { ...problem.details, job: job.id };
  throw new RegistryError({ ...problem, details }, { status: 0 });
}
