import type { Queryable } from '../db/port.ts';
import { deliveryGraceSeconds } from './deliveries.ts';

/** Due job or delivery that a sweep has claimed. `until` is the claim's end, as PostgreSQL writes it. */
export interface DueRow {
  id: string;
  until: string;
}

/** Deliveries that one claim takes of a webhook whose calls fail: each may hold a worker until its timeout. */
const maxFailingDeliveries = 4;

/**
 * Claims due deliveries that are not on the queue, longest overdue first. The statement also moves `requeue_at`
 * forward, so that no two sweeps get the same delivery. Of a webhook whose calls fail only a few are claimed, however
 * many it has. So others do not wait behind them, and their cost does not grow.
 * @returns at most `limit` deliveries
 */
export function claimDueDeliveries(db: Queryable, limit: number): Promise<DueRow[]> {
  return db.query<DueRow>(claimSql, [limit, `${deliveryGraceSeconds} seconds`, maxFailingDeliveries]);
}

// Webhooks with pending deliveries are found by one descent of the index for each. A row that another sweep has locked
// or moved since it was found is skipped.
const claimSql = `
  WITH RECURSIVE waiting AS (
    (SELECT webhook_id AS id FROM deliveries WHERE state = 'pending' AND webhook_id IS NOT NULL
      ORDER BY webhook_id LIMIT 1)
     UNION ALL
    SELECT next.id FROM waiting CROSS JOIN LATERAL (
      SELECT webhook_id AS id FROM deliveries WHERE state = 'pending' AND webhook_id > waiting.id
       ORDER BY webhook_id LIMIT 1
    ) next
  ), callbacks AS (
    SELECT id, requeue_at FROM deliveries
     WHERE state = 'pending' AND webhook_id IS NULL AND requeue_at <= now()
     ORDER BY requeue_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ), found AS (
    SELECT id, requeue_at FROM callbacks
     UNION ALL
    SELECT own.id, own.requeue_at
      FROM waiting JOIN webhooks w ON w.id = waiting.id AND w.space_id IS NOT NULL CROSS JOIN LATERAL (
        SELECT id, requeue_at FROM deliveries
         WHERE state = 'pending' AND webhook_id = w.id AND requeue_at <= now() ORDER BY requeue_at
         LIMIT CASE WHEN w.failing_since IS NOT NULL AND w.paused_at IS NULL THEN $3::int ELSE $1 END
      ) own
  ), due AS MATERIALIZED (
    SELECT d.id FROM deliveries d
     WHERE d.id = ANY(ARRAY(SELECT id FROM found ORDER BY requeue_at LIMIT $1))
       AND d.state = 'pending' AND d.requeue_at <= now()
       FOR UPDATE SKIP LOCKED
  )
  UPDATE deliveries SET requeue_at = now() + $2::interval
    FROM due WHERE deliveries.id = due.id RETURNING deliveries.id, deliveries.requeue_at::text AS until`;

/** Makes all deliveries that should be on the queue due for the sweep. Those with a later attempt stay. */
export async function makeQueuedDeliveriesDue(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE deliveries SET requeue_at = now()
      WHERE state = 'pending' AND requeue_at > now() AND due_at <= now()`,
  );
}
