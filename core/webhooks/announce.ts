import { randomUUID } from 'node:crypto';
import { matchesChart } from '../access/chart-globs.ts';
import type { Transaction } from '../db/port.ts';
import { type EventType, wantsEvent } from './event-types.ts';

/** Event for the webhooks of a space. Webhooks with globs of charts get events of these charts, and those about no chart. */
export interface Announcement {
  type: EventType;
  /** Data of the payload, for those who manage webhooks of the space. */
  data: { readonly chart: string | undefined };
  /** When it happened; now if omitted. */
  at?: Date | undefined;
  /** Job whose trace the deliveries continue. */
  jobId?: string | undefined;
}

/** Event in a space. */
export interface SpaceAnnouncement extends Announcement {
  spaceId: number;
}

/** Deliveries of one event to create: their type and exact body, and the webhooks that get it. */
export interface DeliveriesToCreate {
  type: string;
  payload: string;
  webhookIds: readonly string[];
  /** Job whose trace the deliveries continue. */
  jobId?: string | undefined;
}

/**
 * Tells the webhooks of a space of an event, in its transaction. Deliveries are created with it, or not at all. The
 * sweep enqueues them.
 * @returns ids of the deliveries; a caller that does not want to wait for the sweep enqueues them after the commit
 */
export function announce(tx: Transaction, spaceId: number, announcement: Announcement): Promise<string[]> {
  return announceAll(tx, [{ ...announcement, spaceId }]);
}

/**
 * Tells webhooks of events in any spaces, in their order; see `announce`.
 * @param graceSeconds time that the caller has to enqueue the deliveries before the sweep does
 */
export async function announceAll(
  tx: Transaction,
  announcements: readonly SpaceAnnouncement[],
  graceSeconds = 0,
): Promise<string[]> {
  const spaceIds = [...new Set(announcements.map(({ spaceId }) => spaceId))];
  if (spaceIds.length === 0) return [];
  const webhooks = await tx.query<{ id: string; spaceId: number; events: string[]; charts: string[] | null }>(
    `SELECT id, space_id AS "spaceId", events, charts FROM webhooks
      WHERE space_id = ANY($1::bigint[]) AND paused_at IS NULL ORDER BY number`,
    [spaceIds],
  );
  if (webhooks.length === 0) return [];
  const now = new Date();
  const wanted = announcements.flatMap(({ spaceId, type, data, at = now, jobId }) => {
    const listeners = webhooks.filter(
      ({ spaceId: own, events, charts }) =>
        own === spaceId && wantsEvent(events, type) && wantsChart(charts, data.chart),
    );
    if (listeners.length === 0) return [];
    return [
      { type, payload: writePayload(type, at, data), webhookIds: listeners.map(({ id }) => id), jobId },
    ];
  });
  return createWebhookDeliveries(tx, wanted, graceSeconds);
}

/** Whether a webhook for some charts, null for all, is called for an event. */
function wantsChart(charts: readonly string[] | null, chart: string | undefined): boolean {
  return charts === null || chart === undefined || matchesChart(charts, chart);
}

/** Writes the body of a call, as Standard Webhooks recommends it. */
export function writePayload(type: string, at: Date, data: object): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}

/**
 * Creates deliveries of webhooks, due now; a webhook that is deleted meanwhile gets none.
 * @returns ids of the deliveries
 */
export async function createWebhookDeliveries(
  tx: Transaction,
  calls: readonly DeliveriesToCreate[],
  graceSeconds = 0,
): Promise<string[]> {
  const rows = calls.flatMap(({ type, webhookIds, jobId }, index) =>
    webhookIds.map((webhookId) => ({ id: randomUUID(), webhookId, type, payload: index + 1, jobId })),
  );
  if (rows.length === 0) return [];
  // Webhooks are locked before the deliveries refer to them: the foreign key would fail on one that has just gone. Only
  // the deletion of the row of an ended one holds the lock against this, so nobody waits for it.
  const created = await tx.query<{ id: string }>(
    `WITH wanted AS (
       SELECT * FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (id uuid, "webhookId" uuid, type text, payload integer,
                                                              "jobId" uuid))
         WITH ORDINALITY AS d (id, "webhookId", type, payload, "jobId", place)
     ), live AS MATERIALIZED (
       SELECT id FROM webhooks WHERE id IN (SELECT "webhookId" FROM wanted) AND space_id IS NOT NULL
        ORDER BY id FOR KEY SHARE SKIP LOCKED
     )
     INSERT INTO deliveries (id, webhook_id, type, payload, requeue_at, traceparent)
     SELECT wanted.id, live.id, wanted.type, ($2::text[])[wanted.payload], now() + make_interval(secs => $3),
            (SELECT traceparent FROM jobs WHERE jobs.id = wanted."jobId")
       FROM wanted JOIN live ON live.id = wanted."webhookId" ORDER BY wanted.place
     RETURNING id`,
    [JSON.stringify(rows), calls.map(({ payload }) => payload), graceSeconds],
  );
  return created.map(({ id }) => id);
}
