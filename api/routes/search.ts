import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import { checkSpaceName } from '../../core/registry/names.ts';
import { searchCharts, searchMatches } from '../../core/registry/search.ts';
import { actorOf } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { linkVersion } from '../links.ts';
import { answer, chartLinkShape, errors, pageMetadata, pageQuery } from '../schemas.ts';

const query = pageQuery.extend({
  q: z
    .string('expected what to search for')
    .max(250, 'is longer than 250 characters')
    .openapi({ description: 'Words, or their beginnings; all of them must be found.' }),
  space: z.string().optional().openapi({ description: 'The only space to search in.' }),
});
const found = z
  .object({
    metadata: pageMetadata,
    items: z.array(
      chartLinkShape.extend({
        match: z
          .enum(searchMatches)
          .openapi({ description: 'Where it was found, the best first: `name` is the whole name.' }),
        description: z.string().nullable(),
        keywords: z.unknown().openapi({ type: ['array', 'null'], items: { type: 'string' } }),
        appVersion: z.string().nullable(),
      }),
    ),
  })
  .openapi('FoundCharts');

/** Largest number of charts on a page; less than elsewhere because the whole metadata of each is read. */
const maxFound = 1000;

/** Mounts the search for charts. */
export function mountSearch(app: App, { registry, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/search',
      access: { right: 'chart.read', checkedBy: 'handler' },
      tags: ['Search'],
      operationId: 'searchCharts',
      summary: 'Search charts',
      description:
        'Searches names, keywords and descriptions of the latest version of each chart, in all spaces or in one. A name ' +
        'that is what was searched for comes first, then names that begin so, words of names, keywords, descriptions.',
      request: { params: noInput, query },
      responses: { 200: answer('The best matches first.', found), ...errors(400, 404) },
    },
    async (c, { query: { q, space, ...page } }) => {
      inFlight.admit();
      const { start, limit } = toPaging(page);
      const paging = { start, limit: Math.min(limit, maxFound) };
      const actor = actorOf(c);
      if (space !== undefined) {
        checkSpaceName(space);
        await actor.require('chart.read', { space });
      }
      const { total, items } = await searchCharts(registry.db, q, space, paging, await actor.scope());
      const linked = items.map(({ space, chart, version, ...more }) => ({
        ...linkVersion({ space, chart, version }),
        ...more,
      }));
      return listResponse(c, { total, items: linked }, paging);
    },
  );
}
