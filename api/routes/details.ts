import type { Context } from '../../core/context.ts';
import { listChartDetails } from '../../core/registry/details/list-charts.ts';
import { listSpaceDetails } from '../../core/registry/details/list-spaces.ts';
import { listVersionDetails } from '../../core/registry/details/list-versions.ts';
import { readVersionDetails } from '../../core/registry/details/read-version.ts';
import { withActor } from '../access/route-access.ts';
import {
  chartDetailsPage,
  chartDetailsQuery,
  spaceDetailsPage,
  spaceDetailsQuery,
  versionDetailsPage,
  versionDetailsQuery,
  wholeVersionDetails,
} from '../detail-schemas.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { answer, chartParams, errors, spaceParams, versionParams } from '../schemas.ts';

const tags = ['Details'];

/** Mounts the lists that carry what a row of a page shows, and the details of one version. */
export function mountDetails(app: App, context: Context): void {
  mountSpaceDetails(app, context);
  mountChartDetails(app, context);
  mountVersionDetails(app, context);
}

function mountSpaceDetails(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/details',
      access: { right: 'chart.read', checkedBy: 'handler' },
      tags,
      summary: 'List spaces with their details',
      request: { params: noInput, query: spaceDetailsQuery },
      responses: { 200: answer('The spaces that one may read.', spaceDetailsPage), ...errors(400) },
    },
    async (c, { query: { sort = 'name', order = directionOf(sort), q, ...page } }) => {
      const paging = toPaging(page);
      return listResponse(
        c,
        await listSpaceDetails(withActor(c, registry), { sort, order, q }, paging),
        paging,
      );
    },
  );
}

function mountChartDetails(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/details',
      access: { right: 'chart.read', chart: 'later' },
      tags,
      summary: 'List charts with their details',
      request: { params: spaceParams, query: chartDetailsQuery },
      responses: {
        200: answer('The charts of the space, each with its latest version.', chartDetailsPage),
        ...errors(400, 404),
      },
    },
    async (c, { params, query: { start, limit, ...query } }) => {
      const { sort = 'name', order = directionOf(sort), deprecated, signed, since, ...choice } = query;
      const filter = {
        ...choice,
        ...{ sort, order, deprecated: toFlag(deprecated), signed: toFlag(signed) },
        since: since === undefined ? undefined : new Date(since),
      };
      const paging = toPaging({ start, limit });
      const page = await listChartDetails(withActor(c, registry), params.space, filter, paging);
      return listResponse(c, page, paging);
    },
  );
}

function mountVersionDetails(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/details',
      access: { right: 'chart.read' },
      tags,
      summary: 'List versions with their details',
      request: { params: chartParams, query: versionDetailsQuery },
      responses: { 200: answer('Versions, the highest first.', versionDetailsPage), ...errors(400, 404) },
    },
    async (c, { params, query }) => {
      const { sort = 'version', order = 'desc', range, preRelease, q, ...page } = query;
      const paging = toPaging(page);
      const filter = { sort, order, range, q, preRelease: toFlag(preRelease) ?? true };
      return listResponse(
        c,
        await listVersionDetails(withActor(c, registry), params, filter, paging),
        paging,
      );
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/details',
      access: { right: 'chart.read' },
      tags,
      summary: 'Details of a version',
      request: { params: versionParams, query: noInput },
      responses: { 200: answer('Its details.', wholeVersionDetails), ...errors(400, 404) },
    },
    async (c, { params }) => c.json(await readVersionDetails(withActor(c, registry), params)),
  );
}

/** Returns the direction of an order that the query does not give. */
function directionOf(sort: string): 'asc' | 'desc' {
  return sort === 'name' ? 'asc' : 'desc';
}

function toFlag(text: 'true' | 'false' | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true';
}
