import type { Context } from '../../core/context.ts';
import { attachProvenance, maxProvenanceBytes } from '../../core/registry/provenance.ts';
import { findProvenanceFile } from '../../core/repository/downloads.ts';
import { withActor } from '../access/route-access.ts';
import { readBodyBytes } from '../http/body.ts';
import { sendDownload } from '../http/download.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { bytesContent } from '../openapi/contents.ts';
import { withHeaders } from '../openapi/headers.ts';
import { describeErrors, describeResponse, versionParams } from '../schemas.ts';

const tags = ['Provenance'];
const path = '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/provenance';
const provenanceContent = bytesContent('application/pgp-signature');

/** Mounts the routes that read and attach a version's provenance file. */
export function mountProvenance(app: App, context: Context): void {
  const { registry } = context;
  mountRoute(
    app,
    {
      method: 'get',
      path,
      access: { right: 'chart.read' },
      tags,
      operationId: 'downloadProvenance',
      summary: "Download a version's provenance file",
      description: 'Byte for byte what was uploaded, so that `helm verify` can check the archive by it.',
      request: { params: versionParams, query: noInput },
      responses: {
        200: withHeaders(
          { description: 'As it was uploaded.', content: provenanceContent },
          'ETag',
          'Content-Disposition',
        ),
        304: withHeaders(describeResponse('The client has it already.'), 'ETag'),
        ...describeErrors(400, 404),
      },
    },
    (c, { params }) => sendDownload(c, context, params.space, () => findProvenanceFile(registry, params)),
  );

  mountRoute(
    app,
    {
      method: 'put',
      path,
      access: { right: 'chart.publish' },
      tags,
      operationId: 'attachProvenance',
      summary: 'Attach a provenance file',
      description:
        'The body is the file, as `helm package --sign` writes it; it must vouch for the archive as it is. It goes when ' +
        'the archive is replaced or rewritten.',
      request: {
        params: versionParams,
        query: noInput,
        body: {
          required: true,
          content: { ...provenanceContent, ...bytesContent('application/octet-stream') },
        },
      },
      responses: { 204: describeResponse('Attached.'), ...describeErrors(400, 404, 409, 413, 423) },
    },
    async (c, { params }) => {
      await attachProvenance(withActor(c, registry), params, await readBodyBytes(c, maxProvenanceBytes));
      return c.body(null, 204);
    },
  );
}
