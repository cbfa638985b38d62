import type { Database } from '../db/port.ts';
import { makeQueuedDeliveriesDue } from '../webhooks/requeue.ts';
import { makeQueuedJobsDue } from './requeue.ts';

/**
 * Makes all queued jobs and pending deliveries due when the queue generation has changed.
 * A changed generation means that the queue may have lost its content. The lock of the one row decides which of several
 * sweeps does this; the others find the new generation already stored.
 *
 * A row committed after the statements below have read the tables is not missed: the row is enqueued after its commit,
 * and so after the caller has read the generation, on that queue or on one with yet another generation.
 * @returns whether the generation had changed
 */
export async function requeueOnNewGeneration(db: Database, generation: string): Promise<boolean> {
  // The generation is nearly always unchanged, and then no lock is taken.
  const unchanged = await db.query('SELECT FROM queue_generation WHERE generation = $1', [generation]);
  if (unchanged.length > 0) return false;
  return db.transaction(async (tx) => {
    const changed = await tx.query(
      'UPDATE queue_generation SET generation = $1 WHERE generation IS DISTINCT FROM $1 RETURNING generation',
      [generation],
    );
    if (changed.length === 0) return false;
    await makeQueuedJobsDue(tx);
    await makeQueuedDeliveriesDue(tx);
    return true;
  });
}
