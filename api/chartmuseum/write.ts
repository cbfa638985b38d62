import { buffer } from 'node:stream/consumers';
import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { attachProvenanceFile, maxProvenanceBytes } from '../../core/registry/provenance.ts';
import { publishVersion } from '../../core/registry/publish.ts';
import { deleteVersion } from '../../core/registry/versions.ts';
import { withActor } from '../access/route-access.ts';
import { readBodyBytes } from '../http/body.ts';
import type { Env } from '../http/env.ts';
import { withReceivedBody } from '../http/received-body.ts';
import { isMultipart, withFiles } from '../http/upload.ts';
import { bytesContent } from '../openapi/contents.ts';
import { describeResponse } from '../schemas.ts';
import type { ChartMuseumInput, ChartMuseumRoute } from './route.ts';
import { deletedResponse, describeChartmuseumErrors, savedResponse } from './shapes.ts';

const binarySchema = { type: 'string' as const, format: 'binary' };
const forceQuery = z.object({
  force: z.string().optional().openapi({ description: 'Overwrites what is there; no value is needed.' }),
});

/** Routes that upload archives and provenance files, and delete versions. */
export function writeRoutes(context: Context): ChartMuseumRoute[] {
  return [uploadRoute(context), provenanceRoute(context), deleteRoute(context)];
}

function uploadRoute({ registry, config, uploadFolder }: Context): ChartMuseumRoute {
  async function upload(c: HonoContext<Env>, { space }: ChartMuseumInput): Promise<Response> {
    const overwrite = isForced(c);
    if (isMultipart(c)) await uploadForm(c, space, overwrite);
    else {
      await withReceivedBody(c, config.limitPacked, uploadFolder, (archive) =>
        publishVersion(withActor(c, registry), space, archive, { overwrite }),
      );
    }
    return c.json({ saved: true }, 201);
  }

  function uploadForm(c: HonoContext<Env>, space: string, overwrite: boolean): Promise<unknown> {
    const limits = { chart: config.limitPacked, prov: maxProvenanceBytes };
    return withFiles(c, limits, uploadFolder, async ({ chart, prov }) => {
      const provenance = prov && (await buffer(prov.open()));
      if (chart) return publishVersion(withActor(c, registry), space, chart, { provenance, overwrite });
      if (provenance) return attachProvenanceFile(withActor(c, registry), space, provenance, { overwrite });
      throw new RegistryError(
        'upload.missingFile',
        'The form has no file in a field named chart, nor in one named prov. Send one, as `curl -F chart=@CHART.tgz` does.',
      );
    });
  }

  return {
    method: 'post',
    path: '/charts',
    access: { right: 'chart.publish', chart: 'later' },
    operationId: 'uploadMuseumChart',
    summary: 'Upload a chart, its provenance file, or both',
    description: 'The body is the archive, or a form with the fields `chart` and `prov`.',
    query: forceQuery,
    body: {
      content: {
        'application/gzip': { schema: binarySchema },
        'multipart/form-data': {
          schema: { type: 'object' as const, properties: { chart: binarySchema, prov: binarySchema } },
        },
      },
    },
    responses: {
      201: describeResponse('Stored.', savedResponse),
      ...describeChartmuseumErrors(400, 404, 409, 413, 423),
    },
    handle: upload,
  };
}

function provenanceRoute({ registry }: Context): ChartMuseumRoute {
  return {
    method: 'post',
    path: '/prov',
    access: { right: 'chart.publish', chart: 'later' },
    operationId: 'uploadMuseumProvenance',
    summary: 'Upload a provenance file',
    description: 'It says itself which version it belongs to, and must vouch for the archive as it is.',
    query: forceQuery,
    body: { content: bytesContent('application/pgp-signature', 'application/octet-stream') },
    responses: {
      201: describeResponse('Stored.', savedResponse),
      ...describeChartmuseumErrors(400, 404, 409, 413, 423),
    },
    async handle(c, { space }) {
      const provenance = await readBodyBytes(c, maxProvenanceBytes);
      await attachProvenanceFile(withActor(c, registry), space, provenance, { overwrite: isForced(c) });
      return c.json({ saved: true }, 201);
    },
  };
}

function deleteRoute({ registry }: Context): ChartMuseumRoute {
  return {
    method: 'delete',
    path: '/charts/{chart}/{version}',
    access: { right: 'chart.delete' },
    operationId: 'deleteMuseumVersion',
    summary: 'Delete a version; the chart goes with its last one',
    description: 'Refused as long as the space is immutable.',
    responses: {
      200: describeResponse('Deleted.', deletedResponse),
      ...describeChartmuseumErrors(400, 404, 409, 423),
    },
    async handle(c, { space, chart, version }) {
      await deleteVersion(withActor(c, registry), { space, chart, version });
      return c.json({ deleted: true });
    },
  };
}

// Checks for `?force`: its presence counts whatever its value, as in ChartMuseum.
function isForced(c: HonoContext<Env>): boolean {
  return c.req.query('force') !== undefined;
}
