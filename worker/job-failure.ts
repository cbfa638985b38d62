import { RegistryError } from '../core/errors.ts';
import { type ClaimedJob, releaseJob, retryJob } from '../core/jobs/claim.ts';
import { failJob, JobLost } from '../core/jobs/complete.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { backoffAfter, retryPolicies } from '../core/queue/policies.ts';
import { type Arrival, ReleasedError } from '../core/queue/port.ts';
import { addPlaceToError, createPlaceLookup } from '../core/recipe/place-pointers.ts';
import type { Log } from '../core/runtime/log.ts';
import { withTimeout } from '../core/runtime/timeout.ts';
import { isTransientError } from '../core/runtime/transient-errors.ts';

/**
 * Age in seconds up to which a job survives an outage, however many attempts it takes: time for an operator to end
 * it. Afterwards the job fails, because the job itself may cause the errors.
 */
const maxOutageSeconds = 24 * 60 * 60;

/** Milliseconds for the last step of a job that ended just before its release. */
const lostWorkTimeoutMs = 1_000;

/**
 * Releases a job for the next worker when this one shuts down. Work that still runs here finds at its next step that
 * the claim is gone, and writes nothing. So the work of a job that was lost or cancelled is waited for only shortly: a
 * thread that composes may take a minute.
 * @throws {ReleasedError} unless the job has just ended
 */
export async function releaseAtShutdown(
  jobs: JobDeps,
  job: ClaimedJob,
  working: Promise<void>,
  log: Log,
): Promise<void> {
  const { id } = job;
  const abandoned = working.catch((error) => log.debug({ job: id, error }, 'work was interrupted'));
  if (await releaseJob(jobs.db, job)) {
    log.info({ job: id }, 'job released');
    throw new ReleasedError(`Job ${id} was not done when its worker had to end.`);
  }
  await withTimeout(abandoned, lostWorkTimeoutMs, undefined);
}

/**
 * Ends a job that cannot succeed, with the reason, or releases it for another attempt.
 * @throws {@link ReleasedError} where the queue must keep the id, or the error itself where another attempt follows
 */
export async function handleFailure(
  jobs: JobDeps,
  job: ClaimedJob,
  arrival: Arrival,
  error: unknown,
  log: Log,
): Promise<void> {
  if (error instanceof ReleasedError) throw error;
  const { id } = job;
  if (error instanceof JobLost) {
    log.info({ job: id }, 'job was cancelled, or another worker has claimed it');
    // The id must stay on the queue: a sweep that took this worker for dead may have relied on finding it there.
    throw new ReleasedError(`Job ${id} is no longer this worker's.`);
  }
  const isYoung = job.ageSeconds < maxOutageSeconds;
  const refusal = error instanceof RegistryError ? error : undefined;
  const isTransient = !refusal && isTransientError(error) && isYoung;
  const isRetried = isTransient || (isRetryable(refusal) && isYoung);
  if (!isRetried && (refusal || arrival.last)) {
    const reason =
      refusal ??
      new RegistryError('internal', 'The chart could not be composed, and trying again did not help.');
    log.warn({ job: id, code: reason.code, error }, 'job failed');
    await failJob(jobs, job, addPlaceToError(reason, createPlaceLookup(job.places)).toBody());
    return;
  }
  log.warn({ job: id, attempt: arrival.attempt, error }, 'attempt failed, the queue tries again');
  const delayMs = backoffAfter(retryPolicies.orchestrations, arrival.attempt);
  await retryJob(jobs.db, job, { delayMs, counts: !isTransient });
  // After its last attempt the queue drops the id, and a sweep enqueues it again.
  throw error;
}

/** Checks whether an error invites a retry: its cause is passing, such as a busy machine, and not in the job. */
function isRetryable(error: RegistryError | undefined): boolean {
  return error?.retryAfter !== undefined;
}
