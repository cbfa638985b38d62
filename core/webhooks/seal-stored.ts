import type { SealContext, Sealer } from '../access/sealer.ts';
import type { Queryable } from '../db/port.ts';
import { forEachConcurrently } from '../maintenance/batches.ts';
import { mirrorContext } from '../mirror/credentials.ts';
import {
  callbackAddressContext,
  canWorkersOpenAddresses,
  openAddress,
  sealAddress,
  webhookAddressContext,
} from './addresses.ts';
import { callbackContext, openStoredSecret, webhookContext } from './callback-secrets.ts';

/** Numbers of the secrets and addresses that `sealStoredSecrets` has found. */
export interface SealingCounts {
  sealed: number;
  /** Secrets and addresses that no key here opens; they stay as they are. */
  unopened: number;
  /** Whether addresses were left in clear, since workers live that could not open them. */
  addressesLeft: boolean;
}

/** Largest number of rows with secrets in a query. */
const maxSecretRows = 1_000;
/** Rows that a query reads for addresses: no index finds those in clear, and a statement has 30 seconds. */
const maxScannedRows = 2_000;
/** Rows that are sealed at a time: each waits for its commit, and commits that wait together share a flush. */
const maxConcurrent = 8;

/** Column with secrets: its table, the column whose id they are sealed for, and the rows that may have one. */
interface SecretColumn {
  table: string;
  row: string;
  secret: string;
  live: string;
  contextOf: (row: string) => SealContext;
}

/** Secrets that are sealed as they are, or as addresses. */
type SealedForm = 'secret' | 'address';

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

/** Columns with addresses, in the same order. */
const addressColumns: readonly SecretColumn[] = [
  {
    ...{ table: 'jobs', row: 'id', secret: 'callback_url', live: 'callback_url IS NOT NULL' },
    contextOf: callbackAddressContext,
  },
  {
    ...{ table: 'follows', row: 'callback_row', secret: 'callback_url' },
    live: 'callback_url IS NOT NULL AND callback_row IS NOT NULL',
    contextOf: callbackAddressContext,
  },
  {
    ...{ table: 'deliveries', row: 'job_id', secret: 'url', live: 'job_id IS NOT NULL' },
    contextOf: callbackAddressContext,
  },
  { ...{ table: 'webhooks', row: 'id', secret: 'url', live: 'true' }, contextOf: webhookAddressContext },
];

/**
 * Seals every stored secret and address with the newest key. Sealed are those in clear of earlier releases, and those
 * of older keys. Addresses wait for the end of workers that cannot open them. Each row is updated alone, if it still
 * has what was read and belongs to the same job or webhook. So jobs, follows, deliveries and webhooks may change
 * meanwhile.
 */
export async function sealStoredSecrets(db: Queryable, sealer: Sealer): Promise<SealingCounts> {
  const counts = { sealed: 0, unopened: 0, addressesLeft: !(await canWorkersOpenAddresses(db)) };
  for (const column of secretColumns) await sealColumn(db, sealer, column, 'secret', counts);
  if (counts.addressesLeft) return counts;
  for (const column of addressColumns) await sealColumn(db, sealer, column, 'address', counts);
  return counts;
}

async function sealColumn(
  db: Queryable,
  sealer: Sealer,
  column: SecretColumn,
  form: SealedForm,
  counts: SealingCounts,
): Promise<void> {
  const { table, row, secret, contextOf } = column;
  const select = form === 'secret' ? selectSecretsSql(column) : selectAddressesSql(column);
  const update = `UPDATE ${table} SET ${secret} = $3 WHERE id = $1 AND ${secret} = $2 AND ${row} = $4`;
  const open = (stored: string, context: SealContext) =>
    form === 'secret' ? openStoredSecret(sealer, context, stored) : openAddress(sealer, stored, context);
  const seal = (text: string, context: SealContext) =>
    form === 'secret' ? sealer.seal(text, context) : sealAddress(sealer, text, context);
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await db.query<PageRow>(select, [sealer.newestPrefix(), after]);
    await forEachConcurrently(rows, maxConcurrent, async (found) => {
      if (found.id === null) return;
      const { id, row, stored } = found;
      const opened = await open(stored, contextOf(row));
      if (opened.kind === 'opened') {
        await db.query(update, [id, stored, seal(opened.text, contextOf(row)), row]);
        counts.sealed += 1;
      } else counts.unopened += 1;
    });
    const last = rows.at(-1);
    if (!last) return;
    after = last.last;
  }
}

/** Row of a page, with the last id that the page has read. The id is null where the page has found nothing. */
type PageRow = { last: string } & ({ id: string; row: string; stored: string } | { id: null });

/** SQL of a page of secrets that the newest key has not sealed. @param column has few rows that may have one */
function selectSecretsSql({ table, row, secret, live }: SecretColumn): string {
  return `SELECT id AS last, id, ${row} AS row, ${secret} AS stored FROM ${table}
    WHERE ${live} AND NOT starts_with(${secret}, $1) AND id > $2 ORDER BY id LIMIT ${maxSecretRows}`;
}

/** SQL of a page of rows, with the addresses that the newest key has not sealed. */
function selectAddressesSql({ table, row, secret, live }: SecretColumn): string {
  return `WITH page AS MATERIALIZED (
      SELECT id, ${row} AS row, ${secret} AS stored, ${live} AS live FROM ${table}
       WHERE id > $2 ORDER BY id LIMIT ${maxScannedRows}
    ), last AS (SELECT id FROM page ORDER BY id DESC LIMIT 1)
    SELECT last.id AS last, page.id, page.row, page.stored
      FROM last LEFT JOIN page ON page.live AND NOT starts_with(split_part(page.stored, '://', 2), $1)`;
}
