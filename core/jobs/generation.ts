import type { Database } from '../db/port.ts';
import { makeDeliveriesDue } from '../webhooks/requeue.ts';
import { makeJobsDue } from './requeue.ts';

/**
 * Compares what the queue calls itself with what it was called when somebody last looked. When it is another one, all
 * that should be on it is made due to be put there, in one transaction. The lock of the one row decides which of many
 * sweeps does it; the others find that nothing is new.
 *
 * The name is read before this. What is committed after the statements below see the table is enqueued later still, so
 * it comes to the queue that was named, or to one with another name.
 * @returns whether it was another one
 */
export async function requeueOnNewGeneration(db: Database, generation: string): Promise<boolean> {
  // Nearly always the same: then nobody locks anything.
  const same = await db.query('SELECT FROM queue_generation WHERE generation = $1', [generation]);
  if (same.length > 0) return false;
  return db.transaction(async (tx) => {
    const changed = await tx.query(
      'UPDATE queue_generation SET generation = $1 WHERE generation IS DISTINCT FROM $1 RETURNING generation',
      [generation],
    );
    if (changed.length === 0) return false;
    await makeJobsDue(tx);
    await makeDeliveriesDue(tx);
    return true;
  });
}
