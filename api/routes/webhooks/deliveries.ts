import { replayDelivery } from '../../../core/webhooks/space/calls.ts';
import {
  listWebhookDeliveries,
  readWebhookDelivery,
} from '../../../core/webhooks/space/webhook-deliveries.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { describeErrors, describeResponse } from '../../schemas.ts';
import { okResponses } from '../admin/admin-route.ts';
import type { WebhookDepsOf } from './deps.ts';
import {
  deliveryParams,
  deliveryQuery,
  shownDelivery,
  webhookDeliveryList,
  webhookParams,
} from './shapes.ts';

const tags = ['Webhooks'];
const access = { right: 'webhook.manage' } as const;
const path = '/api/v1/spaces/{space}/webhooks/{webhook}/deliveries';

/** Mounts the routes of the deliveries of a webhook: list, read, replay. */
export function mountDeliveries(app: App, depsOf: WebhookDepsOf): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path, access, tags },
      operationId: 'listDeliveries',
      summary: 'List the deliveries of a webhook, each with its attempts',
      description: 'Without their payloads.',
      request: { params: webhookParams, query: deliveryQuery },
      responses: okResponses(
        'Deliveries, the newest first. The total is counted up to 10,000; of attempts the last 50 are shown.',
        webhookDeliveryList,
      ),
    },
    async (c, { params: { space, webhook }, query: { state, ...query } }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      const page = await listWebhookDeliveries(depsOf(c), space, webhook, { ...paging, state });
      return listResponse(c, page, paging);
    },
  );

  const one = { path: `${path}/{delivery}`, access, tags };
  const request = { params: deliveryParams, query: noInput };
  mountRoute(
    app,
    {
      ...{ ...one, method: 'get', request },
      operationId: 'getDelivery',
      summary: 'Look at a delivery and its payload',
      description: 'The payload as it is sent, without the headers that sign it.',
      responses: okResponses('The delivery.', shownDelivery),
    },
    async (c, { params: { space, webhook, delivery } }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await readWebhookDelivery(depsOf(c), space, webhook, delivery));
    },
  );

  mountRoute(
    app,
    {
      ...{ ...one, path: `${one.path}/replay`, method: 'post', request },
      operationId: 'replayDelivery',
      summary: 'Make the call of a delivery again',
      description:
        'Sends the same payload under the same id. A delivery that has ended gets a new series of attempts; one that waits for ' +
        'its next attempt gets it now.',
      responses: {
        202: describeResponse('The delivery, which is pending.', shownDelivery),
        ...describeErrors(401, 403, 404, 409),
      },
    },
    async (c, { params: { space, webhook, delivery } }) =>
      c.json(await replayDelivery(depsOf(c), space, webhook, delivery), 202),
  );
}
