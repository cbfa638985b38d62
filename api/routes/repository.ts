import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { isSpaceName } from '../../core/chart/names.ts';
import type { Context } from '../../core/context.ts';
import type { RegistryDeps } from '../../core/registry/registry.ts';
import { findSpaceId } from '../../core/registry/space-rows.ts';
import type { App, Env } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { routeNotFoundError, sendFile, sendIndex, sendNamedFile } from '../http/repository-files.ts';
import { bytesContent, textContent } from '../openapi/contents.ts';
import { withHeaders } from '../openapi/headers.ts';
import { describeErrors, describeResponse, spaceParams } from '../schemas.ts';

const tags = ['Chart repository'];

/**
 * Names of spaces that cannot be chart repositories, because `/api/charts/NAME` and `/v2/NAME/...` belong to other
 * interfaces. No other path of the registry conflicts with `/NAME/index.yaml` or `/NAME/charts/FILE`.
 */
const notRepositories = new Set(['api', 'v2']);

/** Mounts each space as a chart repository, at `/SPACE`. */
export function mountRepository(app: App, context: Context): void {
  mountIndex(app, context);
  mountFiles(app, context);
}

function mountIndex(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/{space}/index.yaml',
      access: { right: 'chart.read' },
      tags,
      operationId: 'getIndex',
      summary: 'Index of a chart repository',
      description:
        'For `helm repo add NAME http://HOST/SPACE`. Written as JSON, which is YAML too, or as `Accept` says ' +
        '(`application/json`, `application/yaml`); packed as `Accept-Encoding` says (`br`, `gzip`).',
      request: { params: spaceParams, query: noInput },
      responses: {
        200: {
          description: 'Every version, newest first, as it is now.',
          content: { 'application/json': { schema: z.looseObject({}) }, ...textContent('application/yaml') },
        },
        304: describeResponse('The client has it already.'),
        ...describeErrors(400, 404),
      },
    },
    (c, { params }) => {
      checkRepositoryName(c, params.space);
      return sendIndex(c, context, params.space);
    },
  );
}

function mountFiles(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/{space}/charts/{file}',
      access: { right: 'chart.read', chart: 'later' },
      tags,
      operationId: 'downloadRepositoryFile',
      summary: 'Download NAME-VERSION.tgz, or NAME-VERSION.tgz.prov',
      description: 'Files that the index names.',
      request: { params: z.object({ space: z.string(), file: z.string() }), query: noInput },
      responses: {
        200: {
          description: 'The archive, or its provenance file.',
          content: bytesContent('application/gzip', 'application/pgp-signature'),
        },
        ...describeErrors(400, 404),
      },
    },
    (c, { params }) => {
      checkRepositoryName(c, params.space);
      return sendFile(c, context, params.space, params.file);
    },
  );

  mountRoute(
    app,
    {
      method: 'get',
      path: '/{space}/charts/{chart}/{version}/{file}',
      access: { right: 'chart.read' },
      tags,
      operationId: 'downloadNamedFile',
      summary: 'Download NAME-VERSION.tgz, or NAME-VERSION.tgz.prov, of the version that is named before',
      description: 'The index gives this path where NAME-VERSION can be read as two versions.',
      request: {
        params: z.object({ space: z.string(), chart: z.string(), version: z.string(), file: z.string() }),
        query: noInput,
      },
      responses: {
        200: {
          description: 'The archive, or its provenance file.',
          content: bytesContent('application/gzip', 'application/pgp-signature'),
        },
        ...describeErrors(400, 404),
      },
    },
    (c, { params }) => {
      checkRepositoryName(c, params.space);
      return sendNamedFile(c, context, params);
    },
  );
}

/**
 * Mounts the address of a repository itself, which redirects to its index. Mount it last: pages and health checks
 * have addresses of this form, too.
 */
export function mountRepositoryRoot(app: App, context: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/{space}',
      access: { right: 'chart.read', chart: 'later' },
      tags,
      operationId: 'redirectToIndex',
      summary: 'Go to the index of a chart repository',
      description: 'Some clients ask for the address of a repository itself before they take it for one.',
      request: { params: spaceParams, query: noInput },
      responses: {
        302: withHeaders({ description: 'The index is at `Location`.' }, 'Location'),
        ...describeErrors(404),
      },
    },
    async (c, { params: { space } }) => {
      if (notRepositories.has(space) || !(await spaceExists(context.registry, space)))
        throw routeNotFoundError(c);
      return c.redirect(`/${space}/index.yaml`);
    },
  );
}

async function spaceExists({ db }: RegistryDeps, space: string): Promise<boolean> {
  return isSpaceName(space) && (await findSpaceId(db, space)) !== undefined;
}

function checkRepositoryName(c: HonoContext<Env>, space: string): void {
  if (notRepositories.has(space)) throw routeNotFoundError(c);
}
