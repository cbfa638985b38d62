import { createHash } from 'node:crypto';
import type { Context } from '../../core/context.ts';
import { listChartDetails } from '../../core/details/list-charts.ts';
import { listSpaceDetails } from '../../core/details/list-spaces.ts';
import { listVersionDetails } from '../../core/details/list-versions.ts';
import { readVersionDetails } from '../../core/details/read-version.ts';
import { summarizeContents } from '../../core/registry/chart-contents.ts';
import { withActor } from '../access/route-access.ts';
import {
  chartDetailsList,
  chartDetailsQuery,
  fullVersionDetails,
  spaceDetailsList,
  spaceDetailsQuery,
  versionDetailsList,
  versionDetailsQuery,
} from '../details-schemas.ts';
import { sendCachedBody, toPaging, validatorHeaders } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { linkNext } from '../http/next-page.ts';
import { renderRows, sendDetails } from '../http/send-details.ts';
import { chartParams, describeErrors, describeResponse, spaceParams, versionParams } from '../schemas.ts';

const tags = ['Details'];

/** Number of the form of a version's details. Part of their ETag, so raise it with every change of them. */
const versionDetailsFormNumber = 2;

/**
 * Mounts the lists of spaces, charts and versions that carry what their rows show. The details of one version are
 * here too.
 */
export function mountDetails(app: App, context: Context): void {
  mountSpaceDetails(app, context);
  mountChartDetails(app, context);
  mountVersionDetails(app, context);
}

function mountSpaceDetails(app: App, { registry, inFlight }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/details',
      access: { right: 'chart.read', checkedBy: 'handler' },
      tags,
      operationId: 'listSpaceDetails',
      summary: 'List spaces with their details',
      description: 'The spaces that one may read, with counts, times, and the own role.',
      request: { params: noInput, query: spaceDetailsQuery },
      responses: { 200: describeResponse('Spaces.', spaceDetailsList), ...describeErrors(400) },
    },
    async (c, { query: { start, limit, ...filter } }) => {
      const paging = toPaging({ start, limit });
      const page = await inFlight.make(
        '',
        () => listSpaceDetails(withActor(c, registry), filter, paging),
        c.env?.outgoing,
      );
      const { text, next } = renderRows(page, paging);
      const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
      const headers = validatorHeaders(etag);
      if (next !== undefined) headers.Link = linkNext(c, { start: next, limit: paging.limit });
      const body = new TextEncoder().encode(String(text));
      return sendCachedBody(c, {
        body,
        etag,
        contentHeaders: { 'Content-Type': 'application/json' },
        headers,
      });
    },
  );
}

function mountChartDetails(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/details',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listChartDetails',
      summary: 'List charts with their details',
      description: 'Each chart with its latest version by SemVer precedence, which may be a pre-release.',
      request: { params: spaceParams, query: chartDetailsQuery },
      responses: { 200: describeResponse('Charts.', chartDetailsList), ...describeErrors(400, 404) },
    },
    (c, { params: { space }, query: { start, limit, ...filter } }) => {
      const paging = toPaging({ start, limit });
      const render = async () =>
        renderRows(await listChartDetails(context.registry, space, filter, paging), paging);
      return sendDetails(c, context, { space, key: [filter, paging], paging, render });
    },
  );
}

function mountVersionDetails(app: App, context: Context): void {
  const { registry } = context;
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/details',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listVersionDetails',
      summary: 'List versions with their details',
      description: 'The latest by SemVer precedence first.',
      request: { params: chartParams, query: versionDetailsQuery },
      responses: { 200: describeResponse('Versions.', versionDetailsList), ...describeErrors(400, 404) },
    },
    (c, { params, query: { start, limit, ...filter } }) => {
      const paging = toPaging({ start, limit });
      const render = async () =>
        renderRows(await listVersionDetails(registry, params, filter, paging), paging);
      return sendDetails(c, context, { space: params.space, key: [filter, paging], paging, render });
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/details',
      access: { right: 'chart.read' },
      tags,
      operationId: 'getVersionDetails',
      summary: 'Details of a version',
      description:
        'A row of the list of versions, and what Chart.yaml and the files of the archive say beyond it.',
      request: { params: versionParams, query: noInput },
      responses: { 200: describeResponse('Its details.', fullVersionDetails), ...describeErrors(400, 404) },
    },
    (c, { params }) => {
      const render = async () => {
        const details = await readVersionDetails(registry, params);
        const text = JSON.stringify({ ...details, ...(await summarizeContents(registry, params)) });
        return { text, tag: String(versionDetailsFormNumber) };
      };
      return sendDetails(c, context, { space: params.space, key: '', render });
    },
  );
}
