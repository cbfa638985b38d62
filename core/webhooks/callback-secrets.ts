import { isSealed, type Opened, type SealContext, type Sealer } from '../access/sealer.ts';
import type { Queryable } from '../db/port.ts';
import type { Callback } from './callback.ts';

/** Callback as rows have it, with its secret sealed. */
export interface SealedCallback {
  url: string;
  sealedSecret: string | undefined;
}

/** Makes the context of a secret. A job and its delivery share it, so that the sealed text is copied as it is. */
function contextOf(jobId: string): SealContext {
  return { purpose: 'callback secret', row: jobId };
}

/** Seals the secret of a callback for its job. */
export function sealCallback(sealer: Sealer, jobId: string, { url, secret }: Callback): SealedCallback {
  return { url, sealedSecret: secret === undefined ? undefined : sealer.seal(secret, contextOf(jobId)) };
}

/** Opens the secret of a callback, as a row of its job has it. Earlier releases wrote it in clear. */
export async function openSecret(sealer: Sealer, jobId: string, stored: string): Promise<Opened> {
  return isSealed(stored) ? sealer.open(stored, contextOf(jobId)) : { kind: 'opened', text: stored };
}

/** Secrets that `sealStoredSecrets` has found. */
export interface SealedSecrets {
  sealed: number;
  /** Secrets that could not be opened, and stay as they are. */
  unopened: number;
}

/** Largest number of rows in a query. */
const maxRows = 1_000;

/** Columns with secrets, of jobs first: a job that ends meanwhile passes its secret on to a delivery. */
const columns = [
  { table: 'jobs', job: 'id', secret: 'callback_secret', live: "state IN ('queued', 'running')" },
  { table: 'jobs', job: 'id', secret: 'follow_secret', live: 'follow_secret IS NOT NULL' },
  { table: 'follows', job: 'callback_row', secret: 'callback_secret', live: 'callback_secret IS NOT NULL' },
  { table: 'deliveries', job: 'job_id', secret: 'secret', live: "state = 'pending'" },
];

/**
 * Seals every stored secret with the newest key: those in clear of earlier releases, and those of older keys.
 * Each row is updated alone, if it still has what was read, so jobs and deliveries may go on meanwhile.
 */
export async function sealStoredSecrets(db: Queryable, sealer: Sealer): Promise<SealedSecrets> {
  const counts = { sealed: 0, unopened: 0 };
  for (const { table, job, secret, live } of columns) {
    const select = `SELECT id, ${job} AS "jobId", ${secret} AS stored FROM ${table}
      WHERE ${live} AND NOT starts_with(${secret}, $1) AND id > $2 ORDER BY id LIMIT ${maxRows}`;
    const update = `UPDATE ${table} SET ${secret} = $3 WHERE id = $1 AND ${secret} = $2`;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await db.query<{ id: string; jobId: string; stored: string }>(select, [
        sealer.newestPrefix(),
        after,
      ]);
      for (const { id, jobId, stored } of rows) {
        const opened = await openSecret(sealer, jobId, stored);
        if (opened.kind === 'opened') {
          await db.query(update, [id, stored, sealer.seal(opened.text, contextOf(jobId))]);
          counts.sealed += 1;
        } else counts.unopened += 1;
      }
      const last = rows.at(-1);
      if (!last) break;
      after = last.id;
    }
  }
  return counts;
}
