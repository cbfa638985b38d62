import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { readFollow } from '../../core/follow/read-follow.ts';
import { endFollow, setFollow, type WantedFollow } from '../../core/follow/set-follow.ts';
import { locateKey } from '../../core/recipe/expect.ts';
import { parseCallback } from '../../core/recipe/parse.ts';
import { parseFollow } from '../../core/recipe/parse-follow.ts';
import type { Paging } from '../../core/registry/registry.ts';
import { withActor } from '../access/route-access.ts';
import { followBody, followShape } from '../follow-schemas.ts';
import { readJsonBody } from '../http/body.ts';
import { toPaging } from '../http/cached-response.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { computeNextStart, linkNext } from '../http/next-page.ts';
import { sendJson } from '../http/send-text.ts';
import { links } from '../links.ts';
import { chartParams, describeErrors, describeResponse, pageQuery } from '../schemas.ts';

const tags = ['Follow'];
const path = '/api/v1/spaces/{space}/charts/{chart}/follow';

/** Largest body that sets a follow, in bytes: it is parsed on the event loop, and has a few short keys. */
const maxBodyBytes = 32 * 1024;

/** Mounts the routes of the follow of a chart: read, set, end. */
export function mountFollow(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path,
      access: { right: 'chart.read' },
      tags,
      operationId: 'getFollow',
      summary: 'How a chart is composed anew when its sources change',
      description: 'Its settings and state, and the compositions so far, newest first.',
      request: { params: chartParams, query: pageQuery },
      responses: {
        200: describeResponse('The follow. The total of its runs is counted up to 10,000.', followShape),
        ...describeErrors(400, 404),
      },
    },
    async (c, { params, query }) => sendFollow(c, context, params, toPaging(query)),
  );

  mountRoute(
    app,
    {
      method: 'put',
      path,
      access: { right: 'chart.publish' },
      tags,
      operationId: 'setFollow',
      summary: 'Follow the sources of a composed chart, or change how',
      description:
        'From now on it runs with the rights of the sender, which are checked each time. What is absent has its default; ' +
        'an absent `callback` stays, if the sender had set it. A follow that has failed is tried again.',
      request: {
        params: chartParams,
        query: noInput,
        body: { required: true, content: { 'application/json': { schema: followBody } } },
      },
      responses: {
        200: describeResponse('As it is now.', followShape),
        ...describeErrors(400, 401, 403, 404, 409),
      },
    },
    async (c, { params }) => {
      const wanted = await readWanted(c);
      await setFollow({ ...context.jobs, registry: withActor(c, context.registry) }, params, wanted);
      return sendFollow(c, context, params, toPaging({}));
    },
  );

  mountRoute(
    app,
    {
      method: 'delete',
      path,
      access: { right: 'chart.publish' },
      tags,
      operationId: 'deleteFollow',
      summary: 'End the follow of a chart',
      description:
        'Its history goes with it; the versions that it made stay, and a job that was accepted goes on.',
      request: { params: chartParams, query: noInput },
      responses: { 204: describeResponse('Ended.'), ...describeErrors(400, 401, 403, 404) },
    },
    async (c, { params }) => {
      await endFollow(withActor(c, context.registry), params);
      return c.body(null, 204);
    },
  );
}

async function readWanted(c: HonoContext<Env>): Promise<WantedFollow> {
  const body = await readJsonBody(c, maxBodyBytes);
  const { callback: _, ...rest } = body;
  const settings = parseFollow({ value: rest, pointer: '' });
  if (!settings) throw new RegistryError('request.invalid', 'The body must be a JSON object.');
  const callback = parseCallback(locateKey(body, '', 'callback'));
  return { settings, ...(callback ? { callback } : {}) };
}

async function sendFollow(
  c: HonoContext<Env>,
  { registry, inFlight }: Context,
  params: { space: string; chart: string },
  paging: Paging,
): Promise<Response> {
  const { runs, ...follow } = await inFlight.make(
    params.space,
    () => readFollow(withActor(c, registry), links, params, paging),
    c.env?.outgoing,
  );
  const next = computeNextStart(runs, paging);
  if (next !== undefined) c.header('Link', linkNext(c, { start: next, limit: paging.limit }));
  return sendJson(c, {
    ...follow,
    metadata: { total: runs.total, itemsLength: runs.items.length },
    items: runs.items,
  });
}
