import type { Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { notHeldSql } from '../maintenance/hold.ts';
import type { RecipePlaces } from '../recipe/place-pointers.ts';
import type { Warning } from '../recipe/warning.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { notifyJobChangeSql } from './job-events.ts';
import { enterStageSql, type JobStage, type StageClock } from './stages.ts';

/** Seconds that a claim lasts unless the worker renews it. After the lease another worker may claim the job. */
export const leaseSeconds = 15;

/** Seconds that the queue has to deliver a job before the sweep enqueues it again. */
export const queueDeliverySeconds = 5;

/** A job that a worker runs. */
export interface ClaimedJob extends StageClock {
  id: string;
  /** Times that the job was claimed, including this one. */
  attempts: number;
  /** Warnings of its recipe; null where there are none. */
  warnings: readonly Warning[] | null;
  /** Places in the text of its recipe; null unless that was YAML. */
  places: RecipePlaces | null;
  /** Digest of the archive that it replaces; null for a new version. */
  replaces: Digest | null;
  /** Trace that it continues: that of its request, then that of its own span. */
  traceparent: string | null;
  /** Author of its recipe; null for a job that was accepted with open access. */
  author: { kind: 'user' | 'account'; id: string; name: string; tokenId: string | null } | null;
  /** Proves at every later write that the job is still this worker's. */
  fence: number;
}

/** Claimed job, and its plan as the row has it: `ChartWork.readPlan` reads the text. */
export interface ClaimedRow {
  job: ClaimedJob;
  space: string;
  planText: string;
}

/**
 * Claims a job that is queued, or whose claim was not renewed in time. Claims that come together are one statement.
 * @returns undefined when the job is final, unknown, or claimed by a worker that still renews it, and while the
 *   registry is held
 */
export type JobClaimer = (id: string) => Promise<ClaimedRow | undefined>;

/** Largest number of jobs that one statement claims: their plans may have megabytes. */
const maxClaimedTogether = 16;

/** Creates the function that claims jobs. */
export function createJobClaimer(db: Database): JobClaimer {
  const claim = batchCalls(
    async (ids: readonly string[]) => {
      const rows = await db.query<Omit<ClaimedJob, 'claimedAt'> & Omit<ClaimedRow, 'job'>>(claimSql, [
        ids,
        `${leaseSeconds} seconds`,
      ]);
      const claimedAt = performance.now();
      const claimed = new Map(
        rows.map(({ space, planText, ...job }) => [job.id, { job: { ...job, claimedAt }, space, planText }]),
      );
      return ids.map((id) => claimed.get(id));
    },
    { max: maxClaimedTogether },
  );
  return (id) => claim('', id);
}

const claimSql = `WITH claimed AS (
       UPDATE jobs SET state = 'running', fence = nextval('fences'), attempts = attempts + 1,
              started_at = coalesce(started_at, now()), stage = 'fetching', done = 0,
              stages = ${enterStageSql('fetching')}, requeue_at = now() + $2::interval
        WHERE id = ANY($1::uuid[]) AND (state = 'queued' OR (state = 'running' AND requeue_at <= now()))
          AND ${notHeldSql}
        RETURNING id, space, plan::text AS "planText", warnings, places, replaces, traceparent, attempts, fence, stages,
                  extract(epoch FROM now() - created_at)::float8 AS "ageSeconds",
                  CASE WHEN author_id IS NOT NULL THEN jsonb_build_object(
                    'kind', coalesce((SELECT p.kind FROM principals p WHERE p.id = author_id), 'user'),
                    'id', author_id, 'name', author, 'tokenId', token_id) END AS author
     )
     SELECT claimed.*, ${notifyJobChangeSql('change')} FROM claimed`;

/**
 * Stores the progress of a job and renews its claim.
 * @returns false when the job is no longer this worker's: it was cancelled, or another worker claimed it
 */
export async function reportProgress(
  db: Database,
  job: ClaimedJob,
  progress: { stage: JobStage; done: number },
): Promise<boolean> {
  const reported = await db.query(
    `WITH reported AS (
       UPDATE jobs SET stage = $3, done = $4, stages = $6, requeue_at = now() + $5::interval
        WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id
     )
     SELECT ${notifyJobChangeSql('change')} FROM reported`,
    [
      ...[job.id, job.fence, progress.stage, progress.done],
      ...[`${leaseSeconds} seconds`, JSON.stringify(job.stages)],
    ],
  );
  return reported.length > 0;
}

/** Renews the claim of a job. @returns false when the job is no longer this worker's */
export async function renewJob(db: Database, job: ClaimedJob): Promise<boolean> {
  const renewed = await db.query(
    `UPDATE jobs SET requeue_at = now() + $3::interval
      WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id`,
    [job.id, job.fence, `${leaseSeconds} seconds`],
  );
  return renewed.length > 0;
}

/**
 * Makes a job `queued` again after an attempt that failed for a passing reason.
 * @param retry.delayMs milliseconds until the queue tries again
 * @param retry.counts whether the attempt stays counted, because its failure has to do with the job
 */
export function retryJob(
  db: Database,
  job: ClaimedJob,
  { delayMs, counts }: { delayMs: number; counts: boolean },
): Promise<boolean> {
  return requeueJob(db, job, { seconds: delayMs / 1000 + queueDeliverySeconds, counts });
}

/**
 * Makes a job `queued` again because this worker shuts down. The sweep may enqueue it without delay.
 * The attempt is not counted.
 * @returns false when the job is over, or no longer this worker's
 */
export function releaseJob(db: Database, job: ClaimedJob): Promise<boolean> {
  return requeueJob(db, job, { seconds: 0, counts: false });
}

async function requeueJob(
  db: Database,
  job: ClaimedJob,
  { seconds, counts }: { seconds: number; counts: boolean },
): Promise<boolean> {
  const requeued = await db.query(
    `WITH requeued AS (
       UPDATE jobs SET state = 'queued', stage = 'queued', done = 0, attempts = attempts - $4,
              stages = ${enterStageSql('queued')},
              requeue_at = now() + $3::interval
        WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING id
     )
     SELECT ${notifyJobChangeSql('change')} FROM requeued`,
    [job.id, job.fence, `${seconds} seconds`, counts ? 0 : 1],
  );
  return requeued.length > 0;
}
