import type { Context } from '../../core/context.ts';
import {
  listChartMetadata,
  listLatestMetadata,
  listSpaceMetadata,
  readLatestMetadata,
  readMetadata,
} from '../../core/registry/documents.ts';
import { rewriteMetadata } from '../../core/registry/rewrite.ts';
import { withActor } from '../access/route-access.ts';
import { readBodyText } from '../http/body.ts';
import { sendCachedDocuments, sendFromResponseCache, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { warningHeader } from '../http/warning-header.ts';
import { metadata, metadataList } from '../metadata-schemas.ts';
import {
  chartParams,
  describeErrors,
  describeResponse,
  pageQuery,
  spaceParams,
  versionParams,
} from '../schemas.ts';

const tags = ['Metadata'];
const versionMetadataPath = '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/manifests/metadata';

/** Mounts the routes that list, read and rewrite metadata. */
export function mountMetadata(app: App, context: Context): void {
  mountSpaceMetadata(app, context);
  mountChartMetadata(app, context);
  mountVersionMetadata(app, context);
}

function mountSpaceMetadata(app: App, { registry, answers }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/metadata',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listSpaceMetadata',
      summary: 'Metadata of every version in a space',
      description: 'Charts by name, and versions in ascending order.',
      request: { params: spaceParams, query: pageQuery },
      responses: {
        200: describeResponse('By chart, versions ascending.', metadataList),
        ...describeErrors(400, 404),
      },
    },
    (c, { params: { space }, query }) => {
      const paging = toPaging(query);
      return sendCachedDocuments(c, answers, space, paging, () => listSpaceMetadata(registry, space, paging));
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/metadata/latest',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listLatestMetadata',
      summary: "Metadata of each chart's latest version",
      description: 'Latest is the highest release, or the highest pre-release where there is no release.',
      request: { params: spaceParams, query: pageQuery },
      responses: { 200: describeResponse('By chart.', metadataList), ...describeErrors(400, 404) },
    },
    (c, { params: { space }, query }) => {
      const paging = toPaging(query);
      return sendCachedDocuments(c, answers, space, paging, () =>
        listLatestMetadata(registry, space, paging),
      );
    },
  );
}

function mountChartMetadata(app: App, { registry, answers }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/metadata',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listChartMetadata',
      summary: 'Metadata of every version of a chart',
      description: 'Versions in ascending order.',
      request: { params: chartParams, query: pageQuery },
      responses: { 200: describeResponse('Versions ascending.', metadataList), ...describeErrors(400, 404) },
    },
    (c, { params: { space, chart }, query }) => {
      const paging = toPaging(query);
      return sendCachedDocuments(c, answers, space, paging, () =>
        listChartMetadata(registry, space, chart, paging),
      );
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/metadata/latest',
      access: { right: 'chart.read' },
      tags,
      operationId: 'getLatestMetadata',
      summary: "Metadata of a chart's latest version",
      description: 'Latest is the highest release, or the highest pre-release where there is no release.',
      request: { params: chartParams, query: noInput },
      responses: {
        200: describeResponse('The latest by SemVer precedence.', metadata),
        ...describeErrors(400, 404),
      },
    },
    (c, { params: { space, chart } }) =>
      sendFromResponseCache(c, answers, space, () => readLatestMetadata(registry, space, chart)),
  );
}

function mountVersionMetadata(app: App, { registry, answers, config }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: versionMetadataPath,
      access: { right: 'chart.read' },
      tags,
      operationId: 'getMetadata',
      summary: 'Metadata of a version',
      description:
        'Chart.yaml as JSON, and in `dependencies` the charts that are really inside, recursively.',
      request: { params: versionParams, query: noInput },
      responses: { 200: describeResponse('Its metadata.', metadata), ...describeErrors(400, 404) },
    },
    (c, { params }) => sendFromResponseCache(c, answers, params.space, () => readMetadata(registry, params)),
  );

  mountRoute(
    app,
    {
      method: 'put',
      path: versionMetadataPath,
      access: { right: 'chart.replace' },
      tags,
      operationId: 'replaceMetadata',
      summary: 'Rewrite Chart.yaml',
      description:
        '`name` and `version` must stay. `dependencies` in the body are passed over: what Chart.yaml declares stays.',
      request: {
        params: versionParams,
        query: noInput,
        body: { required: true, content: { 'application/json': { schema: metadata } } },
      },
      responses: {
        200: describeResponse('The new metadata.', metadata),
        ...describeErrors(400, 404, 409, 413, 423),
      },
    },
    async (c, { params }) => {
      const body = await readBodyText(c, config.limitRecipe);
      const manifest = await registry.charts.readObject(params.space, body, ['name', 'version']);
      const { metadata, warnings } = await rewriteMetadata(withActor(c, registry), params, manifest);
      return c.body(metadata, 200, { 'Content-Type': 'application/json', ...warningHeader(warnings) });
    },
  );
}
