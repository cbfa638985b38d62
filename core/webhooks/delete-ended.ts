import type { Database, Queryable, Transaction } from '../db/port.ts';

/** Deliveries that one transaction deletes, with their attempts. */
const batchSize = 1_000;

/** Webhooks of one call. */
const maxWebhooks = 100;

/**
 * Deletes webhooks that have ended, because they or their spaces were deleted. Deliveries go first, in batches, then
 * the row. A busy webhook may have more deliveries than one statement can delete in its time. Several processes may do
 * it at once, and each goes on where one has died. Rows that another process has locked are left to it, or to the next
 * call.
 * @param signal ends the work before its next batch; the next call does the rest
 * @returns the number of webhooks whose row was deleted
 */
export async function deleteEndedWebhooks(db: Database, signal?: AbortSignal): Promise<number> {
  const ended = await db.query<{ id: string }>(
    `SELECT id FROM webhooks WHERE space_id IS NULL ORDER BY id LIMIT ${maxWebhooks}`,
  );
  let count = 0;
  for (const { id } of ended) {
    for (let deleted = batchSize; deleted === batchSize; ) {
      if (signal?.aborted) return count;
      deleted = await deleteDeliveries(db, id);
    }
    if (await db.transaction((tx) => deleteRow(tx, id))) count += 1;
  }
  return count;
}

/** Deletes the next deliveries of a webhook. @returns their number */
async function deleteDeliveries(db: Queryable, webhookId: string): Promise<number> {
  const deleted = await db.query(
    `DELETE FROM deliveries WHERE id IN (
       SELECT id FROM deliveries WHERE webhook_id = $1 ORDER BY number LIMIT ${batchSize} FOR UPDATE SKIP LOCKED
     ) RETURNING id`,
    [webhookId],
  );
  return deleted.length;
}

/**
 * Deletes the row of a webhook that has no deliveries. Workers lock a delivery first and its webhook then. This takes
 * the lock of the webhook only where it is free, and so waits for no worker. No delivery is added while it has the
 * lock.
 * @returns whether the row was deleted
 */
async function deleteRow(tx: Transaction, id: string): Promise<boolean> {
  const locked = await tx.query('SELECT FROM webhooks WHERE id = $1 FOR UPDATE SKIP LOCKED', [id]);
  if (locked.length === 0) return false;
  const deleted = await tx.query(
    `DELETE FROM webhooks WHERE id = $1 AND NOT EXISTS (SELECT FROM deliveries WHERE webhook_id = $1) RETURNING id`,
    [id],
  );
  return deleted.length > 0;
}
