import { type ClaimedJob, claimJob, renewJob, unclaimedFence } from '../core/jobs/claim.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { leaseSeconds } from '../core/jobs/timings.ts';
import type { Log } from '../core/runtime/log.ts';

/** A job that this worker has in hand, and sees to it that it stays so. */
export interface JobClaim {
  /** As it came into this worker's hands. */
  initial: ClaimedJob;
  /** As it is at this moment, or undefined once it is known to be another's, or cancelled. */
  now(): ClaimedJob | undefined;
  /** The same, as it is to be ended: nothing is changed any more about whose it is. */
  current(): Promise<ClaimedJob | undefined>;
  /** Leaves it, whatever has become of it. */
  release(): void;
}

/**
 * Milliseconds in which a job of which nobody else knows yet need not be taken: most are over before, and then the transaction
 * that ends it is the only one. Whoever takes it meanwhile has it.
 */
const claimDelayMs = 250;

/**
 * Takes a job in hand.
 * @returns undefined when there is nothing to do: it is final, unknown, or in the hands of a worker that is alive
 */
export async function acquireJob(jobs: JobDeps, id: string, log: Log): Promise<JobClaim | undefined> {
  const fresh = jobs.acceptedPlans.takePlan(id);
  if (!fresh) {
    const claimed = await claimJob(jobs.db, id);
    return claimed && keepClaim(jobs, claimed, log);
  }
  return keepClaim(jobs, { id, plan: fresh, attempts: 1, age: 0, fence: unclaimedFence }, log);
}

function keepClaim(jobs: JobDeps, initial: ClaimedJob, log: Log): JobClaim {
  let job: ClaimedJob | undefined = initial;
  let claiming: Promise<void> | undefined;
  const claim = async () => {
    try {
      job = await claimJob(jobs.db, initial.id);
    } catch (error) {
      // Then it is held as before: its last transaction finds out whose it is.
      log.warn({ job: initial.id, error }, 'a job that lasts could not be taken');
    }
  };
  const claimTimer = setTimeout(() => {
    if (initial.fence === unclaimedFence) claiming = claim();
  }, claimDelayMs);
  const renewal = setInterval(
    () => {
      // A renewal that fails is no news: the job's last transaction finds out whose it is.
      if (job)
        renewJob(jobs.db, job).catch((error) => log.warn({ job: initial.id, error }, 'renewal failed'));
    },
    (leaseSeconds * 1000) / 3,
  );
  return {
    initial,
    now: () => job,
    async current() {
      clearTimeout(claimTimer);
      await claiming;
      return job;
    },
    release() {
      clearTimeout(claimTimer);
      clearInterval(renewal);
    },
  };
}
