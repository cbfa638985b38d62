import type { Transaction } from '../../db/port.ts';
import { RegistryError } from '../../errors.ts';
import { isUuid } from '../../runtime/is-uuid.ts';
import { createWebhookDeliveries, writePayload } from '../announce.ts';
import { testEventType } from '../event-types.ts';
import { type DeliveryWithPayload, findDelivery } from './webhook-deliveries.ts';
import { lockWebhook, recordWebhookAudit, requireWebhookSpace, type WebhookDeps } from './webhook-space.ts';

/**
 * Makes a test call: one attempt, also of a paused webhook. It does not count for pausing.
 * @returns the delivery, which is pending
 * @throws {RegistryError} `webhook.notFound`, those of a missing right
 */
export async function testWebhook(
  deps: WebhookDeps,
  space: string,
  id: string,
): Promise<DeliveryWithPayload> {
  const webhookSpace = await requireWebhookSpace(deps, space);
  const owed = await deps.db.transaction(async (tx) => {
    const webhook = await lockWebhook(tx, deps, webhookSpace, id, 'FOR KEY SHARE');
    const payload = writePayload(testEventType, new Date(), { space, webhook: webhook.id });
    const [delivery] = await createWebhookDeliveries(tx, [
      { webhookIds: [webhook.id], type: testEventType, payload },
    ]);
    if (delivery === undefined) throw new Error('the INSERT of a test call added no row');
    await recordWebhookAudit(tx, deps, webhookSpace, 'webhook.test', { webhook: webhook.id, delivery });
    return findDelivery(tx, webhook.id, delivery);
  });
  await deps.enqueue([owed.id]);
  return owed.show(deps.sealer);
}

/**
 * Makes the call of a delivery again: the same payload under the same id. A delivery that has ended gets a new series of
 * attempts; one that waits for its next attempt gets it now.
 * @returns the delivery, which is pending
 * @throws {RegistryError} `webhook.notFound`, `delivery.notFound`, `webhook.paused`, those of a missing right
 */
export async function replayDelivery(
  deps: WebhookDeps,
  space: string,
  webhookId: string,
  deliveryId: string,
): Promise<DeliveryWithPayload> {
  const webhookSpace = await requireWebhookSpace(deps, space);
  const replayed = await deps.db.transaction(async (tx) => {
    const { id, pausedAt } = await lockWebhook(tx, deps, webhookSpace, webhookId, 'FOR KEY SHARE');
    if (pausedAt !== null) {
      throw new RegistryError(
        'webhook.paused',
        'The webhook is paused, so nothing is called. Set its state to active, then replay the delivery.',
      );
    }
    if (isUuid(deliveryId)) await makeDeliveryDue(tx, id, deliveryId);
    const found = await findDelivery(tx, id, deliveryId);
    await recordWebhookAudit(tx, deps, webhookSpace, 'webhook.replay', { webhook: id, delivery: found.id });
    return found;
  });
  await deps.enqueue([replayed.id]);
  return replayed.show(deps.sealer);
}

/** Makes the next attempt of a delivery due; of one that is due already nothing changes. */
async function makeDeliveryDue(tx: Transaction, webhookId: string, id: string): Promise<void> {
  await tx.query(
    `UPDATE deliveries d SET state = 'pending', due_at = now(), requeue_at = now(), finished_at = NULL,
            earlier_attempts = CASE WHEN state = 'pending' THEN earlier_attempts
              ELSE (SELECT coalesce(max(number), 0) FROM delivery_attempts WHERE delivery_id = d.id) END
      WHERE id = $1 AND webhook_id = $2 AND (state <> 'pending' OR due_at > now())`,
    [id, webhookId],
  );
}
