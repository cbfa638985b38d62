import { createList, type List } from '../lists/list.ts';
import { encodeSegment } from '../transport/address.ts';
import { jsonBody } from '../transport/call.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Delivery } from '../types/jobs.ts';
import type {
  NewWebhook,
  ShownWebhook,
  ShownWebhookDelivery,
  Webhook,
  WebhookChange,
  WebhookDelivery,
} from '../types/webhooks.ts';

/** Webhooks of a space, with their deliveries. */
export interface WebhooksClient {
  /** Webhooks, the oldest first. */
  list(options?: CallOptions): List<Webhook>;
  /** Creates a webhook; a secret that the registry makes is shown this once. */
  create(wanted: NewWebhook, options?: CallOptions): Promise<ShownWebhook>;
  get(id: string, options?: CallOptions): Promise<Webhook>;
  /** Changes, pauses or resumes a webhook. */
  change(id: string, change: WebhookChange, options?: CallOptions): Promise<ShownWebhook>;
  /** Deletes a webhook with its deliveries. */
  delete(id: string, options?: CallOptions): Promise<void>;
  /** Makes a test call, of one attempt. */
  test(id: string, options?: CallOptions): Promise<ShownWebhookDelivery>;
  /** Deliveries of a webhook, the newest first. */
  deliveries(
    id: string,
    filter?: { state?: Delivery['state'] },
    options?: CallOptions,
  ): List<WebhookDelivery>;
  delivery(id: string, delivery: string, options?: CallOptions): Promise<ShownWebhookDelivery>;
  /** Makes the call of a delivery again, with the same payload under the same id. */
  replay(id: string, delivery: string, options?: CallOptions): Promise<ShownWebhookDelivery>;
}

/** Creates the client of the webhooks of a space. */
export function createWebhooks(transport: Transport, spacePath: string): WebhooksClient {
  const path = `${spacePath}/webhooks`;
  const pathOf = (id: string) => `${path}/${encodeSegment(id)}`;
  const deliveriesOf = (id: string) => `${pathOf(id)}/deliveries`;
  const deliveryOf = (id: string, delivery: string) => `${deliveriesOf(id)}/${encodeSegment(delivery)}`;
  return {
    list: (options) => createList(transport, { ...options, path }),
    create: (wanted, options) => transport.json({ ...options, method: 'POST', path, body: jsonBody(wanted) }),
    get: (id, options) => transport.json({ ...options, path: pathOf(id) }),
    change: (id, change, options) =>
      transport.json({ ...options, method: 'PATCH', path: pathOf(id), body: jsonBody(change) }),
    delete: (id, options) => transport.done({ ...options, method: 'DELETE', path: pathOf(id) }),
    test: (id, options) => transport.json({ ...options, method: 'POST', path: `${pathOf(id)}/test` }),
    deliveries: (id, filter, options) =>
      createList(transport, { ...options, path: deliveriesOf(id), query: { ...filter } }),
    delivery: (id, delivery, options) => transport.json({ ...options, path: deliveryOf(id, delivery) }),
    replay: (id, delivery, options) =>
      transport.json({ ...options, method: 'POST', path: `${deliveryOf(id, delivery)}/replay` }),
  };
}
