import { testWebhook } from '../../../core/webhooks/space/calls.ts';
import { changeWebhook } from '../../../core/webhooks/space/change-webhook.ts';
import { createWebhook } from '../../../core/webhooks/space/create-webhook.ts';
import { deleteWebhook, listWebhooks, readWebhook } from '../../../core/webhooks/space/webhooks.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { mountRoute, noInput } from '../../http/mount-routes.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams } from '../../schemas.ts';
import { createdResponses, describeJsonBody, okResponses, readBody } from '../admin/admin-route.ts';
import type { WebhookDepsOf } from './deps.ts';
import {
  newWebhook,
  shownDelivery,
  shownWebhook,
  webhookChange,
  webhookList,
  webhookParams,
  webhookShape,
} from './shapes.ts';

const tags = ['Webhooks'];
const access = { right: 'webhook.manage' } as const;
const path = '/api/v1/spaces/{space}/webhooks';

/** Mounts the routes of the list of webhooks of a space. */
export function mountWebhookList(app: App, depsOf: WebhookDepsOf): void {
  mountRoute(
    app,
    {
      method: 'get',
      path,
      access,
      tags,
      operationId: 'listWebhooks',
      summary: 'List the webhooks of a space',
      description: 'Without their secrets.',
      request: { params: spaceParams, query: pageQuery },
      responses: okResponses('Webhooks, the oldest first.', webhookList),
    },
    async (c, { params, query }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      return listResponse(c, await listWebhooks(depsOf(c), params.space, paging), paging);
    },
  );

  mountRoute(
    app,
    {
      method: 'post',
      path,
      access,
      tags,
      operationId: 'createWebhook',
      summary: 'Create a webhook of a space',
      description: 'Without a secret the registry makes one, and the answer shows it this once.',
      request: { params: spaceParams, query: noInput, body: describeJsonBody(newWebhook) },
      responses: createdResponses('The webhook.', shownWebhook),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await createWebhook(depsOf(c), params.space, await readBody(c, newWebhook)), 201);
    },
  );
}

/** Mounts the routes of one webhook: read, change, delete, test. */
export function mountWebhook(app: App, depsOf: WebhookDepsOf): void {
  const one = { path: `${path}/{webhook}`, access, tags };
  const request = { params: webhookParams, query: noInput };
  mountRoute(
    app,
    {
      ...{ ...one, method: 'get', request },
      operationId: 'getWebhook',
      summary: 'Look at a webhook',
      description: 'Its address, its events, and whether it is paused.',
      responses: okResponses('The webhook without its secret.', webhookShape),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      return c.json(await readWebhook(depsOf(c), params.space, params.webhook));
    },
  );

  mountRoute(
    app,
    {
      ...{ ...one, method: 'patch', request: { ...request, body: describeJsonBody(webhookChange) } },
      operationId: 'updateWebhook',
      summary: 'Change, pause or resume a webhook',
      description:
        'Absent fields stay. After a new secret, calls are signed with the one before too, for a day. ' +
        'A webhook that is resumed is called with `webhook.resumed`.',
      responses: okResponses('The webhook as it is now.', shownWebhook),
    },
    async (c, { params }) => {
      c.header('Cache-Control', 'no-store');
      const change = await readBody(c, webhookChange);
      return c.json(await changeWebhook(depsOf(c), params.space, params.webhook, change));
    },
  );

  mountRoute(
    app,
    {
      ...{ ...one, method: 'delete', request },
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook with its deliveries',
      description: 'Deliveries that are pending are given up.',
      responses: okResponses('Deleted: no event calls it from now on.'),
    },
    async (c, { params }) => {
      await deleteWebhook(depsOf(c), params.space, params.webhook);
      return c.body(null, 204);
    },
  );

  mountRoute(
    app,
    {
      ...{ ...one, path: `${one.path}/test`, method: 'post', request },
      operationId: 'testWebhook',
      summary: 'Make a test call',
      description: 'Makes a single attempt with `webhook.test`, also of a paused webhook.',
      responses: {
        202: describeResponse('The delivery, which is pending.', shownDelivery),
        ...describeErrors(401, 403, 404),
      },
    },
    async (c, { params }) => c.json(await testWebhook(depsOf(c), params.space, params.webhook), 202),
  );
}
