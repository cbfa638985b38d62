import type { Context } from '../../core/context.ts';
import { checkVersionRef } from '../../core/registry/names.ts';
import { replaceVersion } from '../../core/registry/publish.ts';
import { deleteVersion, listVersions } from '../../core/registry/versions.ts';
import { findArchiveFile } from '../../core/repository/downloads.ts';
import { withActor } from '../access/route-access.ts';
import { sendCachedNames, toPaging } from '../http/cached-response.ts';
import { sendDownload } from '../http/download.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { chartFileBody, withChartFile } from '../http/upload.ts';
import { linkVersion } from '../links.ts';
import { bytesContent } from '../openapi/contents.ts';
import { withHeaders } from '../openapi/headers.ts';
import {
  chartLinkShape,
  chartParams,
  describeErrors,
  describeResponse,
  nameList,
  pageQuery,
  versionParams,
} from '../schemas.ts';

const tags = ['Versions'];
const path = '/api/v1/spaces/{space}/charts/{chart}/versions/{version}';

/** Mounts the routes of versions: list, download, replace, delete. */
export function mountVersions(app: App, context: Context): void {
  mountVersionList(app, context);
  mountArchive(app, context);
  mountVersionChanges(app, context);
}

function mountVersionList(app: App, { registry, answers }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions',
      access: { right: 'chart.read' },
      tags,
      operationId: 'listVersions',
      summary: 'List versions',
      description: 'Pre-releases included.',
      request: { params: chartParams, query: pageQuery },
      responses: {
        200: describeResponse('Versions, ascending by SemVer precedence.', nameList),
        ...describeErrors(400, 404),
      },
    },
    (c, { params: { space, chart }, query }) => {
      const paging = toPaging(query);
      return sendCachedNames(c, answers, space, paging, () => listVersions(registry, space, chart, paging));
    },
  );
}

function mountArchive(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path,
      access: { right: 'chart.read' },
      tags,
      operationId: 'downloadVersion',
      summary: 'Download the archive',
      description: 'Byte for byte what was stored. `ETag` is its digest; `If-None-Match` and `Range` work.',
      request: { params: versionParams, query: noInput },
      responses: {
        200: withHeaders(
          { description: 'The archive.', content: bytesContent('application/gzip') },
          'ETag',
          'Content-Disposition',
        ),
        206: withHeaders(
          { description: 'A part of it.', content: bytesContent('application/gzip') },
          'ETag',
          'Content-Range',
        ),
        304: withHeaders(describeResponse('The client has it already.'), 'ETag'),
        307: withHeaders(describeResponse('Where the object store sends it (`S3_REDIRECT`).'), 'Location'),
        ...describeErrors(400, 404, 416),
      },
    },
    (c, { params }) =>
      sendDownload(c, context, params.space, () => findArchiveFile(context.registry, params)),
  );
}

function mountVersionChanges(app: App, { registry, config, uploadFolder }: Context): void {
  mountRoute(
    app,
    {
      method: 'put',
      path,
      access: { right: 'chart.replace' },
      tags,
      operationId: 'replaceVersion',
      summary: 'Replace an existing version',
      description: 'The field `provfile` may bring its provenance file; one that it had before goes.',
      request: { params: versionParams, query: noInput, body: chartFileBody },
      responses: {
        200: describeResponse('Replaced.', chartLinkShape),
        ...describeErrors(400, 404, 409, 413, 423),
      },
    },
    async (c, { params }) => {
      checkVersionRef(params);
      await withChartFile(c, config.limitPacked, uploadFolder, (archive, provenance) =>
        replaceVersion(withActor(c, registry), params, archive, provenance),
      );
      return c.json(linkVersion(params));
    },
  );

  mountRoute(
    app,
    {
      method: 'delete',
      path,
      access: { right: 'chart.delete' },
      tags,
      operationId: 'deleteVersion',
      summary: 'Delete a version; the chart goes with its last one',
      description: 'Refused as long as the space is immutable. What was composed from it stays.',
      request: { params: versionParams, query: noInput },
      responses: { 204: describeResponse('Deleted.'), ...describeErrors(400, 404, 409, 423) },
    },
    async (c, { params }) => {
      await deleteVersion(withActor(c, registry), params);
      return c.body(null, 204);
    },
  );
}
