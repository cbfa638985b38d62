import { randomUUID } from 'node:crypto';
import type { Transaction } from '../db/port.ts';
import { insertLock } from '../locks/table.ts';
import { type Plan, resolvedSources, storedSources } from '../recipe/plan.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';
import type { Submission } from './submit.ts';
import { graceSeconds } from './timings.ts';

/** Writes an accepted job down, with what it reserves, what it is made from and the key it was sent under. */
export async function insertJob(
  tx: Transaction,
  submission: Submission,
  bodyDigest: string,
  plan: Plan,
): Promise<Job> {
  const id = randomUUID();
  const { callback } = submission.recipe;
  const sources = storedSources(plan.root);
  const inserted = tx.query<JobRow>(
    `WITH job AS (
       INSERT INTO jobs (id, space, chart, version, recipe, plan, sources, callback_url, callback_secret, total,
                         requeue_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, cardinality($13::text[]), now() + $14::interval)
       RETURNING ${jobColumns}
     ), made_from AS (
       INSERT INTO job_sources (job_id, space, chart, version, digest)
       SELECT $1, * FROM unnest($10::text[], $11::text[], $12::text[], $13::text[])
     ), sent_under AS (
       INSERT INTO idempotency_keys (space, key, body_digest, job_id)
       SELECT $2, $15, $16, $1 WHERE $15::text IS NOT NULL
     )
     SELECT * FROM job`,
    [
      id,
      plan.space,
      plan.chart,
      plan.version,
      JSON.stringify(submission.kept),
      JSON.stringify(plan),
      JSON.stringify(resolvedSources(submission.recipe, plan)),
      callback?.url ?? null,
      callback?.secret ?? null,
      sources.map((source) => source.space),
      sources.map((source) => source.chart),
      sources.map((source) => source.version),
      sources.map((source) => source.digest),
      `${graceSeconds} seconds`,
      submission.idempotencyKey ?? null,
      bodyDigest,
    ],
  );
  const [[row]] = await Promise.all([
    inserted,
    insertLock(tx, [plan.space, plan.chart, plan.version], id, 'infinity'),
  ]);
  if (!row) throw new Error('a job was not written');
  return toJob(row);
}
