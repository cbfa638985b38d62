import { renewJob, type TakenJob, takeJob, untaken } from '../core/jobs/claim.ts';
import type { Jobs } from '../core/jobs/jobs.ts';
import { leaseSeconds } from '../core/jobs/timings.ts';
import type { Log } from '../core/runtime/log.ts';

/** A job that this worker has in hand, and sees to it that it stays so. */
export interface HeldJob {
  /** As it came into this worker's hands. */
  begun: TakenJob;
  /** As it is at this moment, or undefined once it is known to be another's, or cancelled. */
  now(): TakenJob | undefined;
  /** The same, as it is to be ended: nothing is changed any more about whose it is. */
  settled(): Promise<TakenJob | undefined>;
  /** Leaves it, whatever has become of it. */
  leave(): void;
}

/**
 * Milliseconds in which a job of which nobody else knows yet need not be taken: most are over before, and then the transaction
 * that ends it is the only one. Whoever takes it meanwhile has it.
 */
const brief = 250;

/**
 * Takes a job in hand.
 * @returns undefined when there is nothing to do: it is final, unknown, or in the hands of a worker that is alive
 */
export async function holdJob(jobs: Jobs, id: string, log: Log): Promise<HeldJob | undefined> {
  const fresh = jobs.fresh.take(id);
  if (!fresh) {
    const taken = await takeJob(jobs.db, id);
    return taken && keepHold(jobs, taken, log);
  }
  return keepHold(jobs, { id, plan: fresh, attempts: 1, age: 0, fence: untaken }, log);
}

function keepHold(jobs: Jobs, begun: TakenJob, log: Log): HeldJob {
  let job: TakenJob | undefined = begun;
  let taking: Promise<void> | undefined;
  const take = async () => {
    try {
      job = await takeJob(jobs.db, begun.id);
    } catch (error) {
      // Then it is held as before: its last transaction finds out whose it is.
      log.warn({ job: begun.id, error }, 'a job that lasts could not be taken');
    }
  };
  const lasting = setTimeout(() => {
    if (begun.fence === untaken) taking = take();
  }, brief);
  const renewal = setInterval(
    () => {
      // A renewal that fails is no news: the job's last transaction finds out whose it is.
      if (job) renewJob(jobs.db, job).catch((error) => log.warn({ job: begun.id, error }, 'renewal failed'));
    },
    (leaseSeconds * 1000) / 3,
  );
  return {
    begun,
    now: () => job,
    async settled() {
      clearTimeout(lasting);
      await taking;
      return job;
    },
    leave() {
      clearTimeout(lasting);
      clearInterval(renewal);
    },
  };
}
