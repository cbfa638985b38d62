import { RegistryError } from '../core/errors.ts';
import { releaseJob, retryJob, unclaimedFence } from '../core/jobs/claim.ts';
import { failJob, JobLost } from '../core/jobs/complete.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { backoffAfter, retryPolicies } from '../core/queue/policies.ts';
import { type Arrival, ReleasedError } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import { isTransientError } from '../core/runtime/transient-errors.ts';
import type { JobClaim } from './job-claim.ts';

/**
 * Seconds for which a job outlasts a part that is away, however often it is tried meanwhile: as long as an outage may
 * take to be seen to. Then it is given up, for what looks like an outage may be the job's own doing.
 */
const maxOutageSeconds = 24 * 60 * 60;

/**
 * Leaves a job to the next worker, although the work on it may still go on here: it finds at its next step that the job is
 * not its own any more, and writes nothing.
 * @throws {ReleasedError} unless the job has just come to its end
 */
export async function returnToQueue(
  jobs: JobDeps,
  claim: JobClaim,
  working: Promise<void>,
  log: Log,
): Promise<void> {
  const { id } = claim.initial;
  const abandoned = working.catch((error) => log.debug({ job: id, error }, 'work was broken off'));
  const job = await claim.current();
  if (job && (job.fence === unclaimedFence || (await releaseJob(jobs.db, job)))) {
    log.info({ job: id }, 'job given back');
    throw new ReleasedError(`Job ${id} was not done when its worker had to end.`);
  }
  await abandoned;
}

/**
 * Ends a job that cannot be done, with the reason, or leaves it for another attempt.
 * @throws what the queue is to know: {@link ReleasedError}, or the error itself where another attempt is to follow
 */
export async function handleFailure(
  jobs: JobDeps,
  claim: JobClaim,
  arrival: Arrival,
  error: unknown,
  log: Log,
): Promise<void> {
  if (error instanceof ReleasedError) throw error;
  const { id } = arrival;
  const job = await claim.current();
  if (!job || error instanceof JobLost) {
    log.info({ job: id }, 'job was cancelled or taken over');
    // A sweep that took this worker for dead may have found the identifier still on the queue: there it must stay.
    throw new ReleasedError(`Job ${id} is not this worker's any more.`);
  }
  const isYoung = job.age < maxOutageSeconds;
  const refusal = error instanceof RegistryError ? error : undefined;
  const isTransient = !refusal && isTransientError(error) && isYoung;
  const isRetried = isTransient || (isRetryable(refusal) && isYoung);
  if (!isRetried && (refusal || arrival.last)) {
    const reason =
      refusal ??
      new RegistryError('internal', 'The chart could not be composed, and trying again did not help.');
    log.warn({ job: id, code: reason.code, error }, 'job failed');
    await failJob(jobs, job, reason.toBody());
    return;
  }
  log.warn({ job: id, attempt: arrival.attempt, error }, 'attempt failed, the queue tries again');
  const delay = backoffAfter(retryPolicies.orchestrations, arrival.attempt);
  await retryJob(jobs.db, job, { delay, counts: !isTransient });
  // After the last attempt the queue forgets it, and a sweep puts it there anew.
  throw error;
}

/** Whether an error has a time after which to try again: it tells of the moment, such as a busy machine, not of the job. */
function isRetryable(error: RegistryError | undefined): boolean {
  return error?.retryAfter !== undefined;
}
