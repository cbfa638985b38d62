import type { Context } from '../../core/context.ts';
import { checkSpaceName } from '../../core/registry/names.ts';
import { searchCharts } from '../../core/registry/search.ts';
import { actorOf } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { linkVersion } from '../links.ts';
import { describeErrors, describeResponse } from '../schemas.ts';
import { searchPage, searchQuery } from '../search-schemas.ts';

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
        'that is what was searched for comes first, then names that begin so, words of names, keywords, descriptions. ' +
        'Where no name and no keyword matches, one typing error in each word is forgiven.',
      request: { params: noInput, query: searchQuery },
      responses: {
        200: describeResponse('The best matches first.', searchPage),
        ...describeErrors(400, 404),
      },
    },
    async (c, { query: { q: text, start, limit, ...query } }) => {
      const paging = toPaging({ start, limit });
      const actor = actorOf(c);
      const { space } = query;
      if (space !== undefined) {
        checkSpaceName(space);
        await actor.require('chart.read', { space });
      }
      const scope = await actor.scope();
      const { total, items, ...more } = await inFlight.make(
        space ?? '',
        () => searchCharts(registry.db, { text, ...query }, paging, scope),
        c.env?.outgoing,
      );
      const linked = items.map(({ space, chart, version, ...item }) => ({
        ...linkVersion({ space, chart, version }),
        ...item,
      }));
      return listResponse(c, { total, items: linked }, paging, more);
    },
  );
}
