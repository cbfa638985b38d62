import type { ChartWork } from '../chart-work/chart-work.ts';
import type { Database } from '../db/port.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Config } from '../recipe/recipe.ts';
import type { JobStage } from './job.ts';
import { notifySql } from './job-events.ts';
import { graceSeconds, leaseSeconds } from './timings.ts';

/** A job in the hands of one worker. */
export interface ClaimedJob {
  id: string;
  plan: Plan<Config>;
  /** How often it was taken up, this time included. */
  attempts: number;
  /** Seconds since it was accepted. */
  age: number;
  /** Proves at every later write that the job is still this worker's. */
  fence: number;
}

/**
 * The fence of a job that a worker has in hand without having taken it: it may be ended with it as long as nobody has. Those
 * that are given out begin at 1.
 */
export const unclaimedFence = 0;

/**
 * Takes a job that is queued, or whose worker fell silent.
 * @returns undefined when there is nothing to do: it is final, unknown, or in the hands of a worker that is alive
 */
export async function claimJob(
  { db, charts }: { db: Database; charts: Pick<ChartWork, 'readPlan'> },
  id: string,
): Promise<ClaimedJob | undefined> {
  const [taken] = await db.query<Omit<ClaimedJob, 'plan'> & { space: string; planText: string }>(
    `WITH taken AS (
       UPDATE jobs SET state = 'running', fence = nextval('fences'), attempts = attempts + 1,
              started_at = coalesce(started_at, now()), stage = 'fetching', done = 0,
              requeue_at = now() + $2::interval
        WHERE id = $1 AND (state = 'queued' OR (state = 'running' AND requeue_at <= now()))
        RETURNING id, space, plan::text AS "planText", attempts, fence, extract(epoch FROM now() - created_at)::float8 AS age
     )
     SELECT taken.*, ${notifySql('change')} FROM taken`,
    [id, `${leaseSeconds} seconds`],
  );
  if (!taken) return undefined;
  const { space, planText, ...claimed } = taken;
  try {
    return { ...claimed, plan: await charts.readPlan(space, planText) };
  } catch (error) {
    await requeueJob(db, claimed, graceSeconds, 0);
    throw error;
  }
}

/**
 * Says what a job is at, and that its worker is alive.
 * @returns false when the job is not this worker's any more: cancelled, or taken over
 */
export async function reportJob(
  db: Database,
  job: ClaimedJob,
  progress: { stage: JobStage; done: number },
): Promise<boolean> {
  const reported = await db.query(
    `WITH reported AS (
       UPDATE jobs SET stage = $3, done = $4, requeue_at = now() + $5::interval
        WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id
     )
     SELECT ${notifySql('change')} FROM reported`,
    [job.id, job.fence, progress.stage, progress.done, `${leaseSeconds} seconds`],
  );
  return reported.length > 0;
}

/** Says only that a job's worker is alive. @returns false when the job is not this worker's any more */
export async function renewJob(db: Database, job: ClaimedJob): Promise<boolean> {
  const renewed = await db.query(
    `UPDATE jobs SET requeue_at = now() + $3::interval
      WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id`,
    [job.id, job.fence, `${leaseSeconds} seconds`],
  );
  return renewed.length > 0;
}

/**
 * Puts a job back among the queued after an attempt that failed; the next may not.
 * @param retry.delay milliseconds until the queue tries again
 * @param retry.counts whether the job counts as taken: what failed has to do with the job
 */
export function retryJob(
  db: Database,
  job: ClaimedJob,
  { delay, counts }: { delay: number; counts: boolean },
): Promise<boolean> {
  return requeueJob(db, job, delay / 1000 + graceSeconds, counts ? 0 : 1);
}

/**
 * Puts a job back among the queued because this worker ends: another may take it at once, and it does not count as taken.
 * @returns false when there is nothing to give back: it is over, or not this worker's any more
 */
export function releaseJob(db: Database, job: ClaimedJob): Promise<boolean> {
  return requeueJob(db, job, 0, 1);
}

async function requeueJob(
  db: Database,
  job: Pick<ClaimedJob, 'id' | 'fence'>,
  seconds: number,
  uncounted: number,
): Promise<boolean> {
  const given = await db.query(
    `WITH given AS (
       UPDATE jobs SET state = 'queued', stage = 'queued', done = 0, attempts = attempts - $4,
              requeue_at = now() + $3::interval
        WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id
     )
     SELECT ${notifySql('change')} FROM given`,
    [job.id, job.fence, `${seconds} seconds`, uncounted],
  );
  return given.length > 0;
}
