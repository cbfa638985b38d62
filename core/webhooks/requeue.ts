import type { Queryable } from '../db/port.ts';
import { deliveryGrace } from './deliveries.ts';

/** Row that a sweep has claimed, with the claim's end as PostgreSQL writes it. */
export interface ClaimedRow {
  id: string;
  until: string;
}

/**
 * Claims due deliveries that are not on the queue, longest overdue first. The statement also moves `requeue_at`
 * forward, so that no two sweeps get the same delivery.
 * @returns at most `limit` deliveries
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

/** Makes all deliveries that should be on the queue due for the sweep; those with a later attempt stay. */
export async function makeDeliveriesDue(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE deliveries SET requeue_at = now()
      WHERE state = 'pending' AND requeue_at > now() AND due_at <= now()`,
  );
}
