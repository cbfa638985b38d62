import { RegistryError } from '../core/errors.ts';
import { giveBackJob, retryJob, untaken } from '../core/jobs/claim.ts';
import { failJob, JobLost } from '../core/jobs/complete.ts';
import type { Jobs } from '../core/jobs/jobs.ts';
import { backoffAfter, retryPolicies } from '../core/queue/policies.ts';
import { type Arrival, GivenBack } from '../core/queue/port.ts';
import type { Log } from '../core/runtime/log.ts';
import { isPassing } from '../core/runtime/transient-errors.ts';
import type { HeldJob } from './job-claim.ts';

/**
 * Seconds for which a job outlasts a part that is away, however often it is tried meanwhile: as long as an outage may
 * take to be seen to. Then it is given up, for what looks like an outage may be the job's own doing.
 */
const longestOutage = 24 * 60 * 60;

/**
 * Leaves a job to the next worker, although the work on it may still go on here: it finds at its next step that the job is
 * not its own any more, and writes nothing.
 * @throws {GivenBack} unless the job has just come to its end
 */
export async function giveBack(jobs: Jobs, held: HeldJob, working: Promise<void>, log: Log): Promise<void> {
  const { id } = held.begun;
  const abandoned = working.catch((error) => log.debug({ job: id, error }, 'work was broken off'));
  const job = await held.settled();
  if (job && (job.fence === untaken || (await giveBackJob(jobs.db, job)))) {
    log.info({ job: id }, 'job given back');
    throw new GivenBack(`Job ${id} was not done when its worker had to end.`);
  }
  await abandoned;
}

/**
 * Ends a job that cannot be done, with the reason, or leaves it for another attempt.
 * @throws what the queue is to know: {@link GivenBack}, or the error itself where another attempt is to follow
 */
export async function settleFailure(
  jobs: Jobs,
  held: HeldJob,
  arrival: Arrival,
  error: unknown,
  log: Log,
): Promise<void> {
  if (error instanceof GivenBack) throw error;
  const { id } = arrival;
  const job = await held.settled();
  if (!job || error instanceof JobLost) {
    log.info({ job: id }, 'job was cancelled or taken over');
    // A sweep that took this worker for dead may have found the identifier still on the queue: there it must stay.
    throw new GivenBack(`Job ${id} is not this worker's any more.`);
  }
  const passing = isPassing(error) && job.age < longestOutage;
  if (error instanceof RegistryError || (arrival.last && !passing)) {
    const reason =
      error instanceof RegistryError
        ? error
        : new RegistryError('internal', 'The chart could not be composed, and trying again did not help.');
    log.warn({ job: id, code: reason.code, error }, 'job failed');
    await failJob(jobs, job, reason.toBody());
    return;
  }
  log.warn({ job: id, attempt: arrival.attempt, error }, 'attempt failed, the queue tries again');
  const delay = backoffAfter(retryPolicies.orchestrations, arrival.attempt);
  await retryJob(jobs.db, job, { delay, counts: !passing });
  // After the last attempt the queue forgets it, and a sweep puts it there anew.
  throw error;
}
