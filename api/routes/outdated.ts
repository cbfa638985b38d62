import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { checkOutdated } from '../../core/outdated/check-outdated.ts';
import { readComposedCursor, writeComposedCursor } from '../../core/outdated/cursor.ts';
import { listOutdated } from '../../core/outdated/list-outdated.ts';
import { composedStates } from '../../core/outdated/source-state.ts';
import type { ComposedView } from '../../core/outdated/view.ts';
import { withActor } from '../access/route-access.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { linkNext } from '../http/next-page.ts';
import { sendJson } from '../http/send-text.ts';
import { linkVersion } from '../links.ts';
import { composedState, composedStateList } from '../outdated-schemas.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams, versionParams } from '../schemas.ts';

const tags = ['Lineage'];

const outdatedListQuery = pageQuery.omit({ start: true }).extend({
  cursor: z.string().optional().openapi({ description: 'Place in the list, from the `Link` of a page.' }),
  state: z
    .enum(composedStates, `expected one of ${composedStates.join(', ')}`)
    .optional()
    .openapi({
      description:
        '`outdated`: the recipe would be resolved to something else now. `newer`: it would not, and there are newer ' +
        'releases that it does not allow. `current`: neither.',
    }),
  versions: z.enum(['highest', 'all'], 'expected highest or all').optional().openapi({
    default: 'highest',
    description: 'Whether only the highest composed version of each chart is listed, or all.',
  }),
});

/** Largest number of versions on a page, and the number without `limit`. */
const maxItems = 100;
const defaultItems = 10;

const listDescription =
  'The `Link` header leads to the next page: a page may be short, or empty, and have one. The order is by space, chart ' +
  'and precedence. States of a page are those of now; which versions are on it follows a change within a few seconds.';

/**
 * Mounts the routes that tell which composed versions are up to date. There is a route for one, for those of a space,
 * or for all.
 */
export function mountOutdated(app: App, context: Context): void {
  const { registry, inFlight } = context;
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/outdated',
      access: { right: 'chart.read' },
      tags,
      operationId: 'getVersionState',
      summary: 'Whether a composed version is up to date',
      description:
        'For each source, what the recipe asked for, what it was resolved to, what it would be resolved to now, and ' +
        'newer versions that the recipe does not allow. All of it as it is at the time of the request.',
      request: { params: versionParams, query: noInput },
      responses: { 200: describeResponse('Its state.', composedState), ...describeErrors(400, 404) },
    },
    async (c, { params }) => {
      const view = await inFlight.make(
        params.space,
        () => checkOutdated(withActor(c, registry), params),
        c.env?.outgoing,
      );
      return sendJson(c, toComposedState(view));
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/outdated',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listSpaceStates',
      summary: 'Which composed versions of a space are up to date',
      description: listDescription,
      request: { params: spaceParams, query: outdatedListQuery },
      responses: {
        200: describeResponse('Composed versions.', composedStateList),
        ...describeErrors(400, 404),
      },
    },
    (c, { params, query }) => sendPage(c, context, { ...query, ...params }),
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/outdated',
      access: { right: 'chart.read', checkedBy: 'handler' },
      tags,
      operationId: 'listStates',
      summary: 'Which composed versions are up to date, in all spaces that one may read',
      description: listDescription,
      request: { params: noInput, query: outdatedListQuery },
      responses: { 200: describeResponse('Composed versions.', composedStateList), ...describeErrors(400) },
    },
    (c, { query }) => sendPage(c, context, query),
  );
}

async function sendPage(
  c: HonoContext<Env>,
  { registry, inFlight }: Context,
  {
    space,
    state,
    versions,
    limit = defaultItems,
    cursor,
  }: z.output<typeof outdatedListQuery> & { space?: string },
): Promise<Response> {
  const after = cursor === undefined ? undefined : readComposedCursor(cursor);
  const filter = { space, state, highestOnly: versions !== 'all' };
  const paging = { limit: Math.min(Math.max(limit, 1), maxItems), after };
  const { items, next } = await inFlight.make(
    space ?? '',
    () => listOutdated(withActor(c, registry), filter, paging),
    c.env?.outgoing,
  );
  if (next) c.header('Link', linkNext(c, { cursor: writeComposedCursor(next) }));
  return sendJson(c, { metadata: { itemsLength: items.length }, items: items.map(toComposedState) });
}

function toComposedState(view: ComposedView) {
  return { ...view, ...linkVersion(view) };
}
