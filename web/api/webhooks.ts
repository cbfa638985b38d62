import type { WebhookDelivery } from '@helm-registry/client';
import type { PageRange } from './lists.ts';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Webhook of a space by its id. */
export interface WebhookRef {
  space: string;
  webhook: string;
}

/** Webhooks of a space, the oldest first. */
export const webhooksQuery = createQuery(({ space, page }: { space: string; page: PageRange }, signal) =>
  registry
    .space(space)
    .webhooks.list()
    .page({ ...page, signal }),
);

/** Webhook by its id. */
export const webhookQuery = createQuery(({ space, webhook }: WebhookRef, signal) =>
  registry.space(space).webhooks.get(webhook, { signal }),
);

/** Deliveries of a webhook, the newest first. */
export const webhookDeliveriesQuery = createQuery(
  (
    { of, state, page }: { of: WebhookRef; state: WebhookDelivery['state'] | undefined; page: PageRange },
    signal,
  ) =>
    registry
      .space(of.space)
      .webhooks.deliveries(of.webhook, state && { state })
      .page({ ...page, signal }),
);

/** Delivery with its payload. */
export const deliveryWithPayloadQuery = createQuery(
  ({ of, delivery }: { of: WebhookRef; delivery: string }, signal) =>
    registry.space(of.space).webhooks.delivery(of.webhook, delivery, { signal }),
);
