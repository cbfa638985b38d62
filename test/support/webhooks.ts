import { z } from 'zod';
import {
  shownDelivery,
  shownWebhook,
  webhookDelivery,
  webhookShape,
} from '../../api/routes/webhooks/shapes.ts';
import { pageMetadata } from '../../api/schemas.ts';
import type { TestClient } from './client.ts';

/** Webhook as the interface shows it; one that is created may have its secret. */
export type TestWebhook = z.output<typeof shownWebhook>;
/** Delivery of a webhook, as a list has it. */
export type TestDelivery = z.output<typeof webhookDelivery>;

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ metadata: pageMetadata, items: z.array(item) });
const webhookList = listOf(webhookShape);
const deliveryList = listOf(webhookDelivery);

/** Sends a JSON body. */
export function sendJson(
  client: TestClient,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return client.api(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
}

async function read<Shape extends z.ZodObject>(
  shape: Shape,
  sending: Promise<Response>,
  status = 200,
): Promise<z.output<Shape>> {
  const response = await sending;
  const body: unknown = await response.json();
  if (response.status !== status) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return shape.parse(body);
}

/** Creates the functions that manage the webhooks of a space, as one of its maintainers. */
export function createWebhooks(client: TestClient, space: string) {
  const root = `/spaces/${space}/webhooks`;
  return {
    root,
    add: (settings: object): Promise<TestWebhook> =>
      read(shownWebhook, sendJson(client, 'POST', root, settings), 201),
    list: () => read(webhookList, client.api(root)),
    get: (id: string) => read(webhookShape, client.api(`${root}/${id}`)),
    change: (id: string, change: object): Promise<TestWebhook> =>
      read(shownWebhook, sendJson(client, 'PATCH', `${root}/${id}`, change)),
    remove: (id: string) => client.api(`${root}/${id}`, { method: 'DELETE' }),
    test: (id: string) => read(shownDelivery, sendJson(client, 'POST', `${root}/${id}/test`), 202),
    deliveries: (id: string, query = '') =>
      read(deliveryList, client.api(`${root}/${id}/deliveries${query}`)),
    delivery: (id: string, delivery: string) =>
      read(shownDelivery, client.api(`${root}/${id}/deliveries/${delivery}`)),
    replay: (id: string, delivery: string) =>
      read(shownDelivery, sendJson(client, 'POST', `${root}/${id}/deliveries/${delivery}/replay`), 202),
  };
}
