import { z } from '@hono/zod-openapi';
import { visibilities } from '../../core/access/rights.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { overwritingPolicies } from '../../core/registry/registry.ts';
import { changeSpace, createSpace, deleteSpace, listSpaces, readSpace } from '../../core/registry/spaces.ts';
import { withActor } from '../access/route-access.ts';
import { readJsonBody } from '../http/body.ts';
import { listResponse, toPaging } from '../http/cached-response.ts';
import type { App } from '../http/env.ts';
import { mountRoute, noInput } from '../http/mount-routes.ts';
import { readSpaceName } from '../http/space-name-body.ts';
import { findUnknownKey } from '../http/unknown-key.ts';
import { quotaSettings } from '../quota-schemas.ts';
import {
  describeErrors,
  describeResponse,
  nameList,
  pageQuery,
  spaceLink,
  spaceParams,
  spaceShape,
} from '../schemas.ts';

const tags = ['Spaces'];
const spaceName = z.object({ space: z.string() });
const overwriting = z.enum(overwritingPolicies);
const visibility = z.enum(visibilities);
const spaceSettings = z.strictObject({
  overwriting: overwriting.optional(),
  visibility: visibility.optional(),
  quota: quotaSettings.optional(),
});

/** Maximum bytes of a body about a space: it is parsed on the event loop, and has a few short keys. */
const maxBodyBytes = 32 * 1024;

/** Mounts the routes of spaces: list, create, read, change, delete. */
export function mountSpaces(app: App, context: Context): void {
  mountSpaceList(app, context);
  mountSpaceCreation(app, context);
  mountSpaceSettings(app, context);
  mountSpaceDeletion(app, context);
}

function mountSpaceList(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces',
      access: { right: 'chart.read', checkedBy: 'handler' },
      tags,
      operationId: 'listSpaces',
      summary: 'List spaces',
      description: 'Spaces that the reader may see, by name.',
      request: { params: noInput, query: pageQuery },
      responses: { 200: describeResponse('Names, in order.', nameList), ...describeErrors(400) },
    },
    async (c, { query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listSpaces(withActor(c, registry), paging), paging);
    },
  );
}

function mountSpaceCreation(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'post',
      path: '/api/v1/spaces',
      access: { registryRight: 'space.create' },
      tags,
      operationId: 'createSpace',
      summary: 'Create a space',
      description: 'The name may also come as the field `space` of a form or of a JSON object.',
      request: {
        params: noInput,
        query: z.object({
          space: z.string().optional(),
          overwriting: overwriting.optional(),
          visibility: visibility.optional(),
        }),
        body: {
          required: false,
          content: {
            'application/x-www-form-urlencoded': { schema: spaceName },
            'multipart/form-data': { schema: spaceName },
            'application/json': { schema: spaceName },
          },
        },
      },
      responses: { 201: describeResponse('Created.', spaceLink), ...describeErrors(400, 401, 403, 409, 423) },
    },
    async (c, { query }) => {
      const space = query.space || (await readSpaceName(c, maxBodyBytes));
      await createSpace(withActor(c, registry), space, query);
      return c.json({ name: space, link: `/api/v1/spaces/${space}` }, 201);
    },
  );
}

function mountSpaceSettings(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}',
      access: { right: 'chart.read', chart: 'later' },
      tags,
      operationId: 'getSpace',
      summary: 'Look at a space',
      description:
        'Its policy on overwriting, who reads it, and how many charts and versions are in it; for members, its quotas too.',
      request: { params: spaceParams, query: noInput },
      responses: {
        200: describeResponse('Its settings, and how much is in it.', spaceShape),
        ...describeErrors(400, 404),
      },
    },
    async (c, { params }) => c.json(await readSpace(withActor(c, registry), params.space)),
  );

  mountRoute(
    app,
    {
      method: 'patch',
      path: '/api/v1/spaces/{space}',
      access: { right: 'space.configure' },
      tags,
      operationId: 'updateSpace',
      summary: 'Change the settings of a space',
      description:
        '`overwriting` is about versions that are there, by every interface: where it is `mutable` they may be replaced, ' +
        'rewritten and deleted; where it is `immutable` they may not, and go only with the space. ' +
        '`visibility` says who reads the space beside its members: everybody, all who are logged in, or nobody. ' +
        '`quota` is for admins of the registry: a number, `null` for the default of the registry, or 0 for none. ' +
        'Absent fields stay.',
      request: {
        params: spaceParams,
        query: noInput,
        body: { required: true, content: { 'application/json': { schema: spaceSettings } } },
      },
      responses: {
        200: describeResponse('As it is now.', spaceShape),
        ...describeErrors(400, 401, 403, 404, 409),
      },
    },
    async (c, { params }) => {
      const settings = readSettings(await readJsonBody(c, maxBodyBytes));
      return c.json(await changeSpace(withActor(c, registry), params.space, settings));
    },
  );
}

function mountSpaceDeletion(app: App, { registry }: Context): void {
  mountRoute(
    app,
    {
      method: 'delete',
      path: '/api/v1/spaces/{space}',
      access: { right: 'space.delete' },
      tags,
      operationId: 'deleteSpace',
      summary: 'Delete a space and all in it, immutable or not',
      description: 'Its charts, versions, OCI artifacts, members, service accounts and webhooks go with it.',
      request: { params: spaceParams, query: noInput },
      responses: { 204: describeResponse('Deleted.'), ...describeErrors(400, 404, 423) },
    },
    async (c, { params }) => {
      await deleteSpace(withActor(c, registry), params.space);
      return c.body(null, 204);
    },
  );
}

/** Reads the settings of a space. @throws {RegistryError} `request.invalid` */
function readSettings(body: unknown): z.output<typeof spaceSettings> {
  const parsed = spaceSettings.safeParse(body);
  if (parsed.success && Object.keys(parsed.data).length > 0) return parsed.data;
  const unknown = findUnknownKey(spaceSettings, parsed.error);
  if (unknown) throw unknown;
  if (parsed.error?.issues[0]?.path[0] === 'quota') throw invalidQuota(parsed.error.issues[0].path);
  const isVisibility = parsed.error?.issues[0]?.path[0] === 'visibility';
  const [key, words] = isVisibility ? ['visibility', visibilities] : ['overwriting', overwritingPolicies];
  throw new RegistryError('request.invalid', `${key} must be one of ${words.join(', ')}.`, {
    pointer: `/${key}`,
  });
}

/** Makes the error for a quota that is not a number. */
function invalidQuota(path: readonly PropertyKey[]): RegistryError {
  return new RegistryError(
    'request.invalid',
    'quota is an object with bytes or versions or both, each a whole number, 0 for none, or null for the default.',
    { pointer: `/${path.map(String).join('/')}` },
  );
}
