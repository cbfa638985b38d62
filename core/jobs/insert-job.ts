import type { Transaction } from '../db/port.ts';
import { writePlan } from '../recipe/plan-text.ts';
import { resolvedSources, storedSources } from '../recipe/sources.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';
import type { NewJob } from './submission.ts';
import { graceSeconds } from './timings.ts';

/** How a job comes into being: to be worked on, or with its chart, in one transaction, so many milliseconds after it was begun. */
export type Birth = { state: 'queued' } | { state: 'succeeded'; after: number };

/**
 * Writes a job down, with the key it was sent under; one that is to be worked on also with what it is made from, which must not
 * be taken away before.
 */
export async function insertJob(tx: Transaction, job: NewJob, birth: Birth): Promise<Job> {
  const { plan, recipe, warnings } = job;
  const sources = storedSources(plan.root);
  const done = birth.state === 'succeeded';
  const [row] = await tx.query<JobRow>(
    `WITH job AS (
       INSERT INTO jobs (id, space, chart, version, recipe, plan, sources, warnings, callback_url, callback_secret, total,
                         state, stage, done, attempts, created_at, requeue_at, started_at, finished_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $22::jsonb, $8, $9, cardinality($13::text[]), $17::job_state, $18, $19, $20, begun,
              CASE WHEN $17 = 'queued' THEN begun + $14::interval END,
              CASE WHEN $17 <> 'queued' THEN begun END, CASE WHEN $17 <> 'queued' THEN clock_timestamp() END
         FROM (SELECT clock_timestamp() - $21::interval AS begun) AS birth
       RETURNING ${jobColumns}
     ), made_from AS (
       INSERT INTO job_sources (job_id, space, chart, version, digest)
       SELECT $1, * FROM unnest($10::text[], $11::text[], $12::text[], $13::text[]) WHERE $17 = 'queued'
     ), sent_under AS (
       INSERT INTO idempotency_keys (space, key, body_digest, job_id)
       SELECT $2, $15, $16, $1 WHERE $15::text IS NOT NULL
     )
     SELECT * FROM job`,
    [
      job.id,
      plan.space,
      plan.chart,
      plan.version,
      job.kept,
      writePlan(plan),
      JSON.stringify(resolvedSources(recipe, plan)),
      recipe.callback?.url ?? null,
      recipe.callback?.secret ?? null,
      sources.map((source) => source.space),
      sources.map((source) => source.chart),
      sources.map((source) => source.version),
      sources.map((source) => source.digest),
      `${graceSeconds} seconds`,
      job.idempotencyKey ?? null,
      job.bodyDigest,
      birth.state,
      done ? 'done' : 'queued',
      done ? sources.length : 0,
      done ? 1 : 0,
      `${done ? birth.after : 0} milliseconds`,
      warnings.length > 0 ? JSON.stringify(warnings) : null,
    ],
  );
  if (!row) throw new Error('a job was not written');
  return toJob(row);
}
