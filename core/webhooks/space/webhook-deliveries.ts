import type { Sealer } from '../../access/sealer.ts';
import type { Queryable } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import type { Page, Paging } from '../../registry/registry.ts';
import { isUuid } from '../../runtime/is-uuid.ts';
import { maskStoredAddress, webhookAddressContext } from '../addresses.ts';
import type { DeliveryState } from '../deliveries.ts';
import {
  type DeliveryRow,
  type ListedAttempt,
  type ListedDelivery,
  readAttempts,
  toListedDelivery,
} from '../list-deliveries.ts';
import { readWebhookRow, requireWebhookSpace } from './webhook-space.ts';
import type { WebhookReadDeps } from './webhooks.ts';

/** Delivery of a webhook in the form of the API. */
export interface ListedWebhookDelivery extends ListedDelivery {
  type: string;
  /** Time of the next attempt of a pending delivery; null for an ended one. */
  nextAttemptAt: string | null;
}

/** Delivery with the body of its calls. */
export type DeliveryWithPayload = ListedWebhookDelivery & { payload: unknown };

interface WebhookDeliveryRow extends DeliveryRow {
  type: string;
  due_at: Date;
}

const columns = `d.id, w.url, d.state, d.created_at, d.finished_at, d.type, d.due_at`;

// Ranges of one value, in the order of an index: after an equality the planner would rather read all deliveries by
// number, and pass over those of other webhooks.
const webhookRangeSql = {
  condition: 'd.webhook_id BETWEEN $1 AND $1',
  order: 'd.webhook_id DESC, d.number DESC',
};
const webhookStateRangeSql = {
  condition: 'd.webhook_id BETWEEN $1 AND $1 AND d.state BETWEEN $2 AND $2',
  order: 'd.webhook_id DESC, d.state DESC, d.number DESC',
};

/**
 * Lists the deliveries of a webhook with their attempts, the newest first.
 * The total is counted up to 10,000 only, since there may be many.
 * @throws {RegistryError} `webhook.notFound`; as `requireWebhookSpace`
 */
export async function listWebhookDeliveries(
  deps: WebhookReadDeps,
  space: string,
  webhookId: string,
  { start, limit, state }: Paging & { state?: DeliveryState | undefined },
): Promise<Page<ListedWebhookDelivery>> {
  const { id } = await readWebhookRow(deps.db, await requireWebhookSpace(deps, space), webhookId);
  const { condition, order } = state === undefined ? webhookRangeSql : webhookStateRangeSql;
  const params = state === undefined ? [id] : [id, state];
  const [counted] = await deps.db.query<{ total: number }>(
    `SELECT count(*) AS total
       FROM (SELECT FROM deliveries d WHERE ${condition} ORDER BY ${order} LIMIT 10000) counted`,
    params,
  );
  const place = params.length;
  const rows = await deps.db.query<WebhookDeliveryRow>(
    `SELECT ${columns} FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE ${condition}
      ORDER BY ${order} OFFSET $${place + 1} LIMIT $${place + 2}`,
    [...params, start, limit],
  );
  const attempts = await readAttempts(
    deps.db,
    rows.map((row) => row.id),
  );
  const items = rows.map((row) => showDelivery(deps.sealer, id, row, attempts.get(row.id)));
  return { total: counted?.total ?? 0, items: await Promise.all(items) };
}

/**
 * Reads a delivery of a webhook, with its payload.
 * @throws {RegistryError} `webhook.notFound`, `delivery.notFound`; as `requireWebhookSpace`
 */
export async function readWebhookDelivery(
  deps: WebhookReadDeps,
  space: string,
  webhookId: string,
  deliveryId: string,
): Promise<DeliveryWithPayload> {
  const { id } = await readWebhookRow(deps.db, await requireWebhookSpace(deps, space), webhookId);
  return (await findDelivery(deps.db, id, deliveryId)).show(deps.sealer);
}

/** Delivery that was read. */
interface FoundDelivery {
  id: string;
  /** Opens its address. Call it after the transaction: an unknown key is read over another connection. */
  show(sealer: Sealer): Promise<DeliveryWithPayload>;
}

/** Reads a delivery of a webhook that the actor may manage. @throws {RegistryError} `delivery.notFound` */
export async function findDelivery(db: Queryable, webhookId: string, id: string): Promise<FoundDelivery> {
  const [row] = isUuid(id)
    ? await db.query<WebhookDeliveryRow & { payload: string }>(
        `SELECT ${columns}, d.payload FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
          WHERE d.id = $1 AND d.webhook_id = $2`,
        [id, webhookId],
      )
    : [];
  if (!row) {
    throw new RegistryError(
      'delivery.notFound',
      'The webhook has no such delivery. List its deliveries to see their ids; ended ones are deleted after some time.',
    );
  }
  const attempts = (await readAttempts(db, [row.id])).get(row.id);
  return {
    id: row.id,
    show: async (sealer) => ({
      ...(await showDelivery(sealer, webhookId, row, attempts)),
      payload: JSON.parse(row.payload),
    }),
  };
}

async function showDelivery(
  sealer: Sealer,
  webhookId: string,
  row: WebhookDeliveryRow,
  attempts: ListedAttempt[] | undefined,
): Promise<ListedWebhookDelivery> {
  const url = await maskStoredAddress(sealer, row.url, webhookAddressContext(webhookId));
  const { id, ...listed } = toListedDelivery({ ...row, url }, attempts);
  const nextAttemptAt = row.state === 'pending' ? row.due_at.toISOString() : null;
  return { id, type: row.type, ...listed, nextAttemptAt };
}
