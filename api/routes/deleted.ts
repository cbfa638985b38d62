import { z } from '@hono/zod-openapi';
import type { Context } from '../../core/context.ts';
import { listDeleted } from '../../core/deletions/list-deleted.ts';
import { restoreSecondsOf } from '../../core/deletions/restore-time.ts';
import { restoreVersion } from '../../core/deletions/restore-version.ts';
import { withActor } from '../access/route-access.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute } from '../http/mount-routes.ts';
import { linkVersion } from '../links.ts';
import { describeErrors, describeResponse, pageQuery, spaceParams, versionParams } from '../schemas.ts';
import { okResponses, pageSchemaOf } from './admin/admin-route.ts';

const tags = ['Retention'];
const access = { right: 'chart.delete' } as const;

const deletedVersion = z
  .object({
    chart: z.string(),
    version: z.string(),
    digest: z.string().openapi({
      description:
        'Digest of the archive, which names the deletion where a version was deleted more than once.',
    }),
    size: z.int().openapi({ description: 'Bytes of the archive.' }),
    hasProvenance: z.boolean(),
    isComposed: z.boolean(),
    author: z
      .string()
      .nullable()
      .openapi({ description: 'Principal that published it; null where none is known.' }),
    storedAt: z.iso.datetime(),
    deletedAt: z.iso.datetime(),
    restorableUntil: z.iso.datetime().openapi({
      description:
        'Time from which on nobody can restore it, and the garbage collection deletes its archive.',
    }),
    run: z
      .uuid()
      .nullable()
      .openapi({ description: 'Run of retention that has deleted it; null where somebody has.' }),
  })
  .openapi('DeletedVersion');

const restoredVersion = z
  .object({
    space: z.string(),
    chart: z.string(),
    version: z.string(),
    digest: z.string(),
    link: z.string(),
    sameManifest: z
      .boolean()
      .nullable()
      .openapi({
        description:
          'Whether its OCI manifest has the digest that it had, so that signatures of it count. False where the repository ' +
          'has lost a part of it, null where no manifest was kept: nobody had asked for one, or it was deleted itself.',
      }),
    lineage: z.boolean().nullable().openapi({
      description: 'Whether its lineage is there again; null for a version that was uploaded.',
    }),
  })
  .openapi('RestoredVersion');

const restoreQuery = z.object({
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional()
    .openapi({
      description:
        'Archive of the deletion to undo, from the list, where a version was deleted with several; that of the last deletion ' +
        'by default.',
    }),
});

/** Mounts the routes of deleted versions: list, restore. */
export function mountDeleted(app: App, { registry, config }: Context): void {
  mountRoute(
    app,
    {
      ...{ method: 'get', path: '/api/v1/spaces/{space}/deleted', access, tags },
      operationId: 'listDeletedVersions',
      summary: 'List deleted versions that can be restored',
      description:
        'Deleted by anybody, or by retention, within the last `RESTORE_FOR` seconds, and not there again. A version that was ' +
        'deleted with several archives has an entry for each.',
      request: {
        params: spaceParams,
        query: pageQuery.extend({
          chart: z.string().optional().openapi({ description: 'Name of the only chart.' }),
        }),
      },
      responses: okResponses(
        'Versions, those deleted last first. The total is counted up to 10,000.',
        pageSchemaOf(deletedVersion, 'DeletedVersionList'),
      ),
    },
    async (c, { params, query: { chart, ...query } }) => {
      c.header('Cache-Control', 'no-store');
      const paging = toPaging(query);
      const options = { ...paging, chart, restoreSeconds: restoreSecondsOf(config) };
      return listResponse(c, await listDeleted(withActor(c, registry), params.space, options), paging);
    },
  );

  mountRoute(
    app,
    {
      method: 'post',
      path: '/api/v1/spaces/{space}/charts/{chart}/versions/{version}/restore',
      ...{ access, tags },
      operationId: 'restoreVersion',
      summary: 'Restore a deleted version',
      description:
        'As it was deleted last: archive, provenance file, metadata, author, times, lineage, OCI manifest and the signatures ' +
        'of it. Retention leaves it from then on. A follow of a chart that was deleted does not come back, nor do tags other ' +
        'than the version.',
      request: { params: versionParams, query: restoreQuery },
      responses: {
        200: describeResponse('The version.', restoredVersion),
        ...describeErrors(400, 401, 403, 404, 409, 423),
      },
    },
    async (c, { params, query: { digest } }) => {
      const options = { restoreSeconds: restoreSecondsOf(config), digest };
      const restored = await restoreVersion(withActor(c, registry), params, options);
      return c.json({ ...restored, ...linkVersion(params) });
    },
  );
}
