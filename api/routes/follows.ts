import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { readFollowCursor, writeFollowCursor } from '../../core/follow/list-cursor.ts';
import { listFollows } from '../../core/follow/list-follows.ts';
import { followStates } from '../../core/follow/view-follow.ts';
import { withActor } from '../access/route-access.ts';
import { followList } from '../follow-schemas.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { linkNext } from '../http/next-page.ts';
import { sendJson } from '../http/send-text.ts';
import { links } from '../links.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams } from '../schemas.ts';

const tags = ['Follow'];

const followListQuery = pageQuery.omit({ start: true }).extend({
  cursor: z.string().optional().openapi({ description: 'Place in the list, from the `Link` of a page.' }),
  state: z
    .enum(followStates, `expected one of ${followStates.join(', ')}`)
    .optional()
    .openapi({
      description:
        '`running`: the chart is being composed. `due`: it will be. `failed`: the last run has failed, until ' +
        'something changes. `current`: none of these.',
    }),
});

/** Largest number of follows on a page, and the number without `limit`. */
const maxItems = 100;
const defaultItems = 10;

const listDescription =
  'Each with its settings, state and newest run: first those that have failed, then those that are due, then all ' +
  'others, each group by space and chart. The `Link` header leads to the next page. A follow whose state changes ' +
  'meanwhile may be missing on the pages, or on two of them.';

/** Mounts the lists of follows: of a space, or of all. */
export function mountFollows(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/follows',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listSpaceFollows',
      summary: 'Which charts of a space are composed anew when their sources change',
      description: listDescription,
      request: { params: spaceParams, query: followListQuery },
      responses: { 200: describeResponse('Follows.', followList), ...describeErrors(400, 404) },
    },
    (c, { params, query }) => sendPage(c, context, { ...query, ...params }),
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/follows',
      access: { right: 'chart.read', checkedBy: 'handler' },
      tags,
      operationId: 'listFollows',
      summary: 'Which charts are composed anew when their sources change, in all spaces that one may read',
      description: listDescription,
      request: { params: noInput, query: followListQuery },
      responses: { 200: describeResponse('Follows.', followList), ...describeErrors(400) },
    },
    (c, { query }) => sendPage(c, context, query),
  );
}

async function sendPage(
  c: HonoContext<Env>,
  { registry, inFlight }: Context,
  { space, state, limit = defaultItems, cursor }: z.output<typeof followListQuery> & { space?: string },
): Promise<Response> {
  const after = cursor === undefined ? undefined : readFollowCursor(cursor);
  const paging = { limit: Math.min(Math.max(limit, 1), maxItems), after };
  const { items, next } = await inFlight.make(
    space ?? '',
    () => listFollows(withActor(c, registry), links, { space, state }, paging),
    c.env?.outgoing,
  );
  if (next) c.header('Link', linkNext(c, { cursor: writeFollowCursor(next) }));
  return sendJson(c, { metadata: { itemsLength: items.length }, items });
}
