import { type ClaimedJob, claimJob, leaseSeconds, renewJob, unclaimedFence } from '../core/jobs/claim.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import type { Plan } from '../core/recipe/plan.ts';
import type { Configuration } from '../core/recipe/recipe.ts';
import type { Log } from '../core/runtime/log.ts';

/** Claim of a job by this worker; renewed until it is released. */
export interface JobClaim {
  /** The job as first claimed, or as accepted by this process. */
  initial: ClaimedJob;
  /** Reads the job's plan; a large one waits for a thread. Called while the claim is renewed. */
  readPlan(): Promise<Plan<Configuration>>;
  /** Returns the job with its current fence; undefined once another worker has claimed it, or it was cancelled. */
  now(): ClaimedJob | undefined;
  /**
   * Returns the job for the write that ends it, after a claim that is under way. Afterwards the claim changes no
   * more.
   */
  current(): Promise<ClaimedJob | undefined>;
  /** Stops renewing the claim. */
  release(): void;
}

/**
 * Milliseconds before a job that this process accepted is claimed. Most jobs finish earlier, and then the transaction
 * that ends the job is their only write. Another worker may claim the job in the meantime.
 */
const claimDelayMs = 250;

/**
 * Claims a job, or postpones the claim of a job that this process has just accepted.
 * @returns undefined when there is nothing to do: the job is final, unknown, or claimed by a worker that is alive
 */
export async function acquireJob(jobs: JobDeps, id: string, log: Log): Promise<JobClaim | undefined> {
  const fresh = jobs.acceptedPlans.takePlan(id);
  if (!fresh) {
    const claimed = await claimJob(jobs.db, id);
    if (!claimed) return undefined;
    const { job, space, planText } = claimed;
    return keepClaim(jobs, job, () => jobs.charts.readPlan(space, planText), log);
  }
  const unclaimed = { id, attempts: 1, age: 0, fence: unclaimedFence };
  return keepClaim(jobs, unclaimed, async () => fresh, log);
}

function keepClaim(jobs: JobDeps, initial: ClaimedJob, readPlan: JobClaim['readPlan'], log: Log): JobClaim {
  let job: ClaimedJob | undefined = initial;
  let claiming: Promise<void> | undefined;
  const claim = async () => {
    try {
      job = (await claimJob(jobs.db, initial.id))?.job;
    } catch (error) {
      // Go on without a claim: the transaction that ends the job checks the fence.
      log.warn({ job: initial.id, error }, 'a long job could not be claimed');
    }
  };
  const claimTimer = setTimeout(() => {
    if (initial.fence === unclaimedFence) claiming = claim();
  }, claimDelayMs);
  const renewal = setInterval(
    () => {
      // A failed renewal needs no action: the transaction that ends the job checks the fence.
      if (job)
        renewJob(jobs.db, job).catch((error) => log.warn({ job: initial.id, error }, 'renewal failed'));
    },
    (leaseSeconds * 1000) / 3,
  );
  return {
    initial,
    readPlan,
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
