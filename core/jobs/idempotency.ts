import { createHash } from 'node:crypto';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';
import type { JobAuthor } from './recipe-rights.ts';

/** Returns the owner of an author's keys. The owner is a principal, or everybody where access is open. */
export function ownerOfIdempotencyKeys(author: JobAuthor | undefined): string {
  return author?.id ?? '';
}

/** Makes the digest of a body that an idempotency key stands for: SHA-256, in hex. */
export function digestOfBody(bodyText: string): string {
  return createHash('sha256').update(bodyText).digest('hex');
}

/**
 * Finds the job that a recipe of its author became under an idempotency key.
 * @returns undefined when the key is new, or the request has none
 * @throws {RegistryError} `idempotency.mismatch` when the key was sent with another body
 */
export async function findJobByIdempotencyKey(
  db: Queryable,
  { space, idempotencyKey }: { space: string; idempotencyKey?: string },
  bodyDigest: string,
  author: JobAuthor | undefined,
): Promise<Job | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const [row] = await db.query<JobRow & { bodyDigest: string }>(
    `SELECT ${jobColumns}, k."bodyDigest"
       FROM (SELECT job_id, body_digest AS "bodyDigest" FROM idempotency_keys 
               WHERE space = $1 AND author = $2 AND key = $3) k
       JOIN jobs ON id = k.job_id`,
    [space, ownerOfIdempotencyKeys(author), idempotencyKey],
  );
  if (!row) return undefined;
  const { bodyDigest: stored, ...job } = row;
  if (stored === bodyDigest) return toJob(job);
  throw new RegistryError(
    'idempotency.mismatch',
    `Idempotency-Key ${idempotencyKey} was sent before with another body. Use a new key for a new recipe.`,
    { job: job.id },
  );
}
