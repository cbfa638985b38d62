import type { Context } from '../../core/context.ts';
import { contentsFormNumber, listFiles, readVersionFile } from '../../core/registry/chart-contents.ts';
import { chartFileList, fileParams, fileQuery } from '../file-schemas.ts';
import { listResponse, matchesEtag, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { foreignContentPolicy, sendWithEtag } from '../http/send-with-etag.ts';
import { bytesContent, textContent } from '../openapi/contents.ts';
import { describeErrors, describeResponse, versionParams } from '../schemas.ts';

const tags = ['Files'];
const path = '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/files';

/** Mounts the routes of the files inside an archive. */
export function mountFiles(app: App, context: Context): void {
  mountFileList(app, context);
  mountFile(app, context);
}

function mountFileList(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path,
      access: { right: 'chart.read' },
      tags,
      operationId: 'listFiles',
      summary: 'List the files of a version',
      description:
        'By path, with those of charts inside under `charts/NAME/`, whichever way they are packed. `ETag` stands for the archive.',
      request: { params: versionParams, query: fileQuery },
      responses: {
        200: describeResponse('Files by their paths.', chartFileList),
        304: describeResponse('The client has it already.'),
        ...describeErrors(400, 404, 503),
      },
    },
    async (c, { params, query: { kind, path: start, ...page } }) => {
      const paging = toPaging(page);
      const { digest, ...list } = await listFiles(registry, params, { kind, path: start }, paging);
      const validators = { ETag: `"${contentsFormNumber}-${digest}"`, 'Cache-Control': 'no-cache' };
      if (matchesEtag(c.req.header('if-none-match'), validators.ETag)) return c.body(null, 304, validators);
      for (const [name, value] of Object.entries(validators)) c.header(name, value);
      return listResponse(c, list, paging);
    },
  );
}

function mountFile(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: `${path}/{path}`,
      access: { right: 'chart.read' },
      tags,
      operationId: 'getFile',
      summary: 'Read a file of a version',
      description:
        'By its path in the list, slashes included. Text is sent as plain text and anything else as bytes, so that a browser runs nothing of it. `ETag` is the digest of the content.',
      request: { params: fileParams, query: noInput },
      responses: {
        200: {
          description: 'The file as Helm reads it, without a byte-order mark.',
          content: {
            ...textContent('text/plain'),
            ...bytesContent('application/octet-stream'),
          },
        },
        304: describeResponse('The client has it already.'),
        ...describeErrors(400, 404, 503),
      },
    },
    async (c, { params }) => {
      const { file, bytes } = await readVersionFile(registry, params, params.path);
      return sendWithEtag(c, {
        bytes,
        tag: file.digest,
        headers: {
          'Content-Type': file.binary ? 'application/octet-stream' : 'text/plain; charset=utf-8',
          'Content-Security-Policy': foreignContentPolicy,
        },
      });
    },
  );
}
