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
  const [row] = await tx.query<JobRow>(
    `INSERT INTO jobs (id, space, chart, version, recipe, plan, sources, callback_url, callback_secret, total,
                       requeue_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + $11::interval)
     RETURNING ${jobColumns}`,
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
      sources.length,
      `${graceSeconds} seconds`,
    ],
  );
  if (!row) throw new Error('a job was not written');
  await tx.query(
    `INSERT INTO job_sources (job_id, space, chart, version, digest)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])`,
    [
      id,
      sources.map((source) => source.space),
      sources.map((source) => source.chart),
      sources.map((source) => source.version),
      sources.map((source) => source.digest),
    ],
  );
  await insertLock(tx, [plan.space, plan.chart, plan.version], id, 'infinity');
  if (submission.idempotencyKey !== undefined) {
    await tx.query('INSERT INTO idempotency_keys (space, key, body_digest, job_id) VALUES ($1, $2, $3, $4)', [
      plan.space,
      submission.idempotencyKey,
      bodyDigest,
      id,
    ]);
  }
  return toJob(row);
}
