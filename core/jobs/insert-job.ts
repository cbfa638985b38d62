import type { Transaction } from '../db/port.ts';
import { writePlan } from '../recipe/plan-text.ts';
import { resolvedSources, storedSources } from '../recipe/sources.ts';
import { hasWebhooksSql } from './announce-ends.ts';
import { queueDeliverySeconds } from './claim.ts';
import { ownerOfIdempotencyKeys } from './idempotency.ts';
import type { Job } from './job.ts';
import { type EnteredStage, waitingStages } from './stages.ts';
import type { NewJob } from './submission.ts';
import type { AvailableTarget } from './target.ts';

/** A job to insert, and its target. */
export interface JobWithTarget extends NewJob, AvailableTarget {}

/** A job that was composed inline. */
export interface ComposedJob extends JobWithTarget {
  /** Milliseconds since the composition began, which is when the job counts as accepted. */
  elapsedMs: number;
  /** Stages that it went through, from that time on. */
  stages: readonly EnteredStage[];
}

/**
 * Inserts queued jobs, with their idempotency keys and references to their sources.
 * The references keep the garbage collection from deleting the sources' blobs before the jobs have read them.
 * @returns the inserted jobs by id; those whose idempotency key is taken are left out
 */
export async function insertQueuedJobs(
  tx: Transaction,
  jobs: readonly JobWithTarget[],
): Promise<ReadonlyMap<string, Job>> {
  const rows = await tx.query<JobTimes>(
    `WITH ${insertIdempotencyKeysSql}, job AS (
       INSERT INTO jobs (${stateIndependentColumns}, callback_url, callback_secret, state, stage, created_at, requeue_at)
       SELECT ${stateIndependentColumns}, callback_url, callback_secret, 'queued', 'queued', clock_timestamp(),
              clock_timestamp() + $2::interval
         FROM fresh
       RETURNING ${timeColumns}
     ), source_references AS (
       INSERT INTO job_sources (job_id, space, chart, version, digest, space_id)
       SELECT DISTINCT fresh.id, s.*, (fresh.source_ids ->> s.space)::bigint
         FROM fresh, jsonb_to_recordset(fresh.sources) AS s (${sourceRecordDefinition})
     )
     SELECT * FROM job`,
    [writeJobsAsJson(jobs), `${queueDeliverySeconds} seconds`],
  );
  const initial = { state: 'queued', attempts: 0 } as const;
  return toInsertedJobs(jobs, rows, (total) => ({
    ...initial,
    progress: { stage: 'queued', done: 0, total },
  }));
}

/**
 * Inserts jobs that were composed inline and have succeeded, with their idempotency keys.
 * The secrets of their callbacks are not stored: the deliveries have them.
 * @returns as `insertQueuedJobs`, and the ids of the jobs whose spaces have webhooks
 */
export async function insertFinishedJobs(
  tx: Transaction,
  jobs: readonly ComposedJob[],
): Promise<{ inserted: ReadonlyMap<string, Job>; announced: ReadonlySet<string> }> {
  const rows = await tx.query<JobTimes & { hasWebhooks: boolean }>(
    `WITH ${insertIdempotencyKeysSql}, job AS (
       INSERT INTO jobs (${stateIndependentColumns}, callback_url, state, stage, done, attempts, created_at, started_at, finished_at,
                         changed_at)
       SELECT ${stateIndependentColumns}, callback_url, 'succeeded', 'done', total, 1, started_at, started_at, now, now
         FROM (SELECT *, now - "elapsedMs" * interval '1 millisecond' AS started_at
                 FROM fresh, (SELECT clock_timestamp() AS now) AS clock) AS timed
       RETURNING ${timeColumns}, ${hasWebhooksSql('jobs.space_id')} AS "hasWebhooks"
     )
     SELECT * FROM job`,
    [writeJobsAsJson(jobs)],
  );
  const initial = { state: 'succeeded', attempts: 1 } as const;
  const inserted = toInsertedJobs(jobs, rows, (total) => ({
    ...initial,
    progress: { stage: 'done', done: total, total },
  }));
  return { inserted, announced: new Set(rows.flatMap(({ id, hasWebhooks }) => (hasWebhooks ? [id] : []))) };
}

/** Columns of a job that are the same in every state. */
const stateIndependentColumns =
  'id, space, chart, version, recipe, recipe_text, plan, sources, warnings, places, total, author_id, author, token_id, proof, space_id, replaces, stages, follow, follow_secret, traceparent';
const sourceRecordDefinition = 'space text, chart text, version text, digest text';
const timeColumns =
  'id, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", changed_at AS "updatedAt"';
type JobTimes = Pick<Job, 'id' | 'createdAt' | 'startedAt' | 'finishedAt' | 'updatedAt'>;

/**
 * Common table expressions of the jobs in `$1` and their keys; `fresh` has the jobs whose key is not taken. The document
 * is read as json, which keeps the text of a recipe.
 * Keys are inserted in order, so that two transactions do not wait for each other in a circle.
 */
const insertIdempotencyKeysSql = `described AS (
       SELECT *, recipe::text AS recipe_text
         FROM json_to_recordset($1::json) AS d (id uuid, space text, chart text, version text, recipe json, plan jsonb, sources jsonb, warnings jsonb, places jsonb, total integer, callback_url text, callback_secret text, key text,
         body_digest text, "elapsedMs" float8,
         author_id uuid, author text, token_id text, proof text, space_id bigint, replaces text, owner text, source_ids jsonb,
         stages jsonb, follow jsonb, follow_secret text, traceparent text)
     ), keyed AS (
       INSERT INTO idempotency_keys (space, author, key, body_digest, job_id)
       SELECT space, owner, key, body_digest, id FROM described WHERE key IS NOT NULL ORDER BY space, owner, key
       ON CONFLICT DO NOTHING RETURNING job_id
     ), fresh AS (
       SELECT * FROM described WHERE key IS NULL OR id IN (SELECT job_id FROM keyed)
     )`;

/** Writes jobs as one JSON document; recipes and plans are texts already, and may have megabytes. */
function writeJobsAsJson(jobs: readonly (JobWithTarget | ComposedJob)[]): string {
  const texts = jobs.map((job) => {
    const { id, plan, recipe, kept, callback, warnings, places, rights } = job;
    const { idempotencyKey: key, bodyDigest: body_digest } = job;
    const { author, spaceIds } = rights;
    const { space, chart, version } = plan;
    const { url: callback_url, sealedSecret: callback_secret } = callback ?? {};
    const fields = JSON.stringify({
      ...{ id, space, chart, version, callback_url, callback_secret, key, body_digest },
      sources: resolvedSources(recipe, plan),
      warnings: warnings.length > 0 ? warnings : null,
      places,
      total: storedSources(plan.root).length,
      ...{
        author_id: author?.id,
        author: author?.name,
        token_id: author?.tokenId,
        proof: author?.proof,
        owner: ownerOfIdempotencyKeys(author),
      },
      ...{ space_id: acceptedSpaceOf(job), replaces: job.replaces, stages: stagesOf(job) },
      traceparent: job.traceparent,
      follow: recipe.follow,
      follow_secret: recipe.follow && callback_secret,
      source_ids: Object.fromEntries(spaceIds),
      elapsedMs: 'elapsedMs' in job ? job.elapsedMs : undefined,
    });
    return `${fields.slice(0, -1)},"recipe":${kept},"plan":${writePlan(plan)}}`;
  });
  return `[${texts.join()}]`;
}

/** Returns the stages of a job so far: one that was not composed yet waits. */
function stagesOf(job: JobWithTarget | ComposedJob): readonly EnteredStage[] {
  return 'stages' in job ? job.stages : waitingStages;
}

/** Returns the id of the space that the author had the right for; the end of the job is refused in another one. */
function acceptedSpaceOf({ plan, rights, spaceId }: JobWithTarget): number {
  return rights.spaceIds.get(plan.space) ?? spaceId;
}

function toInsertedJobs(
  jobs: readonly JobWithTarget[],
  rows: readonly JobTimes[],
  stateOf: (total: number) => Pick<Job, 'state' | 'attempts' | 'progress'>,
): ReadonlyMap<string, Job> {
  const times = new Map(rows.map((row) => [row.id, row]));
  const inserted = new Map<string, Job>();
  for (const job of jobs) {
    const { id, plan, recipe, warnings, rights } = job;
    const row = times.get(id);
    if (!row) continue;
    const { createdAt, startedAt, finishedAt, updatedAt } = row;
    const { space, chart, version } = plan;
    const sources = resolvedSources(recipe, plan);
    inserted.set(id, {
      ...{ id, createdAt, startedAt, finishedAt, updatedAt, space, chart, version, sources, error: null },
      stages: stagesOf(job),
      authorId: rights.author?.id ?? null,
      author: rights.author?.name ?? null,
      ...{ spaceId: acceptedSpaceOf(job), replaces: job.replaces ?? null },
      from: recipe.from ? [...recipe.from] : null,
      warnings: warnings.length > 0 ? [...warnings] : null,
      ...stateOf(storedSources(plan.root).length),
    });
  }
  return inserted;
}
