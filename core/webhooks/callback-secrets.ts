import { isSealed, type OpenedSecret, type SealContext, type Sealer } from '../access/sealer.ts';
import type { Queryable } from '../db/port.ts';
import { mirrorContext } from '../mirror/credentials.ts';
import type { Callback } from './callback.ts';

/** Callback as rows have it, with its secret sealed. */
export interface SealedCallback {
  url: string;
  sealedSecret: string | undefined;
}

/** Makes the context of a callback's secret. A job and its delivery share it, so that the sealed text is copied as it is. */
export function callbackContext(jobId: string): SealContext {
  return { purpose: 'callback secret', row: jobId };
}

/** Makes the context of the secrets of a webhook of a space. */
export function webhookContext(webhookId: string): SealContext {
  return { purpose: 'webhook secret', row: webhookId };
}

/** Seals the secret of a callback for its job. */
export function sealCallback(sealer: Sealer, jobId: string, { url, secret }: Callback): SealedCallback {
  return {
    url,
    sealedSecret: secret === undefined ? undefined : sealer.seal(secret, callbackContext(jobId)),
  };
}

/** Opens the secret of a callback, as a row of its job has it. */
export function openCallbackSecret(sealer: Sealer, jobId: string, stored: string): Promise<OpenedSecret> {
  return openStoredSecret(sealer, callbackContext(jobId), stored);
}

/** Opens a secret as a row has it. Earlier releases wrote those of callbacks in clear. */
export async function openStoredSecret(
  sealer: Sealer,
  context: SealContext,
  stored: string,
): Promise<OpenedSecret> {
  const isClear = context.purpose === 'callback secret' && !isSealed(stored);
  return isClear ? { kind: 'opened', text: stored } : sealer.open(stored, context);
}

/** Numbers of the secrets that `sealStoredSecrets` has found. */
export interface SealingCounts {
  sealed: number;
  /** Secrets that could not be opened, and stay as they are. */
  unopened: number;
}

/** Largest number of rows with secrets in a query. */
const maxSecretRows = 1_000;

/** Column with secrets: its table, the column whose id they are sealed for, and the rows that may have one. */
interface SecretColumn {
  table: string;
  row: string;
  secret: string;
  live: string;
  contextOf: (row: string) => SealContext;
}

/** Columns with secrets, of jobs first: a job that ends meanwhile passes its secret on to a delivery. */
const secretColumns: readonly SecretColumn[] = [
  {
    ...{ table: 'jobs', row: 'id', secret: 'callback_secret', live: "state IN ('queued', 'running')" },
    contextOf: callbackContext,
  },
  {
    ...{ table: 'jobs', row: 'id', secret: 'follow_secret', live: 'follow_secret IS NOT NULL' },
    contextOf: callbackContext,
  },
  {
    ...{
      table: 'follows',
      row: 'callback_row',
      secret: 'callback_secret',
      live: 'callback_secret IS NOT NULL',
    },
    contextOf: callbackContext,
  },
  {
    ...{ table: 'deliveries', row: 'job_id', secret: 'secret', live: "state = 'pending'" },
    contextOf: callbackContext,
  },
  { ...{ table: 'webhooks', row: 'id', secret: 'secret', live: 'true' }, contextOf: webhookContext },
  {
    ...{ table: 'webhooks', row: 'id', secret: 'previous_secret', live: 'previous_secret IS NOT NULL' },
    contextOf: webhookContext,
  },
  {
    ...{ table: 'mirrors', row: 'id', secret: 'secret', live: 'secret IS NOT NULL' },
    contextOf: mirrorContext,
  },
];

/**
 * Seals every stored secret with the newest key. Sealed are those in clear of earlier releases, and those of older
 * keys. Each row is updated alone, if it still has what was read, so jobs, deliveries and webhooks may change
 * meanwhile.
 */
export async function sealStoredSecrets(db: Queryable, sealer: Sealer): Promise<SealingCounts> {
  const counts = { sealed: 0, unopened: 0 };
  for (const { table, row, secret, live, contextOf } of secretColumns) {
    const select = `SELECT id, ${row} AS row, ${secret} AS stored FROM ${table}
      WHERE ${live} AND NOT starts_with(${secret}, $1) AND id > $2 ORDER BY id LIMIT ${maxSecretRows}`;
    const update = `UPDATE ${table} SET ${secret} = $3 WHERE id = $1 AND ${secret} = $2`;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await db.query<{ id: string; row: string; stored: string }>(select, [
        sealer.newestPrefix(),
        after,
      ]);
      for (const { id, row, stored } of rows) {
        const opened = await openStoredSecret(sealer, contextOf(row), stored);
        if (opened.kind === 'opened') {
          await db.query(update, [id, stored, sealer.seal(opened.text, contextOf(row))]);
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
