import type { Queryable } from '../db/port.ts';
import { deliveryGrace } from './deliveries.ts';

/** A row that a sweep has claimed, and until when, as PostgreSQL writes it. */
export interface ClaimedRow {
  id: string;
  until: string;
}

/**
 * Claims deliveries whose next attempt has come, or that the queue seems to have forgotten, the longest overdue first, to
 * be put on it. They are pushed forward in the same statement, so that no two sweepers get the same one.
 * @returns at most `limit` of them
 */
export function claimDueDeliveries(db: Queryable, limit: number): Promise<ClaimedRow[]> {
  return db.query<ClaimedRow>(
    `WITH due AS MATERIALIZED (
       SELECT id FROM deliveries WHERE state = 'pending' AND requeue_at <= now()
       ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     UPDATE deliveries SET requeue_at = now() + $2::interval
     FROM due WHERE deliveries.id = due.id RETURNING deliveries.id, deliveries.requeue_at::text AS until`,
    [limit, `${deliveryGrace} seconds`],
  );
}

/** Makes every delivery that should be on the queue due to be put there; those that wait for a later attempt are not. */
export async function makeDeliveriesDue(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE deliveries SET requeue_at = now()
      WHERE state = 'pending' AND requeue_at > now() AND due_at <= now()`,
  );
}
