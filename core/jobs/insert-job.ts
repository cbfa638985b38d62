import type { Transaction } from '../db/port.ts';
import { writePlan } from '../recipe/plan-text.ts';
import { resolvedSources, storedSources } from '../recipe/sources.ts';
import { toColumns } from '../registry/names.ts';
import { graceSeconds } from './claim.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';
import type { NewJob } from './submission.ts';

/**
 * Inserts a queued job, with its idempotency key and references to its sources.
 * The references keep the garbage collection from deleting the sources' blobs before the job has read them.
 */
export async function insertQueuedJob(tx: Transaction, job: NewJob): Promise<Job> {
  const sources = storedSources(job.plan.root);
  const { callback } = job.recipe;
  const rows = await tx.query<JobRow>(
    `WITH job AS (
       INSERT INTO jobs (${describedColumns}, callback_url, callback_secret, state, stage, created_at, requeue_at)
       SELECT ${describedValues}, $12, $13, 'queued', 'queued', accepted_at, accepted_at + $14::interval
         FROM (SELECT clock_timestamp() AS accepted_at) AS clock
       RETURNING ${jobColumns}
     ), source_references AS (
       INSERT INTO job_sources (job_id, space, chart, version, digest)
       SELECT $1, * FROM unnest($15::text[], $16::text[], $17::text[], $18::text[])
     ), ${insertKeySql}
     SELECT * FROM job`,
    [
      ...describe(job),
      callback?.url ?? null,
      callback?.secret ?? null,
      `${graceSeconds} seconds`,
      ...toColumns(sources),
      sources.map(({ digest }) => digest),
    ],
  );
  return toInserted(rows);
}

/**
 * Inserts a job that was composed inline and has succeeded, with its idempotency key.
 * The secret of its callback is not stored: the delivery has it.
 * @param elapsedMs milliseconds since the composition began, which is when the job counts as accepted
 */
export async function insertFinishedJob(tx: Transaction, job: NewJob, elapsedMs: number): Promise<Job> {
  const rows = await tx.query<JobRow>(
    `WITH job AS (
       INSERT INTO jobs (${describedColumns}, callback_url, state, stage, done, attempts, created_at, started_at, finished_at)
       SELECT ${describedValues}, $12, 'succeeded', 'done', $9, 1, started_at, started_at, clock_timestamp()
         FROM (SELECT clock_timestamp() - $13::interval AS started_at) AS clock
       RETURNING ${jobColumns}
     ), ${insertKeySql}
     SELECT * FROM job`,
    [...describe(job), job.recipe.callback?.url ?? null, `${elapsedMs} milliseconds`],
  );
  return toInserted(rows);
}

/** Columns of a job that are the same in every state; `describedValues` has their parameters. */
const describedColumns = 'id, space, chart, version, recipe, plan, sources, warnings, total';
const describedValues = '$1::uuid, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb, $9::integer';

/** Common table expression that stores the idempotency key, where the request had one. */
const insertKeySql = `idempotency_key AS (
       INSERT INTO idempotency_keys (space, key, body_digest, job_id)
       SELECT $2, $10, $11, $1 WHERE $10::text IS NOT NULL
     )`;

/** Parameters 1 to 11 of both statements. */
function describe({ id, plan, recipe, kept, warnings, idempotencyKey, bodyDigest }: NewJob): unknown[] {
  return [
    id,
    plan.space,
    plan.chart,
    plan.version,
    kept,
    writePlan(plan),
    JSON.stringify(resolvedSources(recipe, plan)),
    warnings.length > 0 ? JSON.stringify(warnings) : null,
    storedSources(plan.root).length,
    idempotencyKey ?? null,
    bodyDigest,
  ];
}

function toInserted([row]: readonly JobRow[]): Job {
  if (!row) throw new Error('the INSERT of a job returned no row');
  return toJob(row);
}
