import { z } from '@hono/zod-openapi';
import {
  changeAccount,
  createAccount,
  deleteAccount,
  listAccounts,
  readAccount,
} from '../../../core/access/admin/accounts.ts';
import type { Context } from '../../../core/context.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { pageQuery } from '../../schemas.ts';
import { mountAccountCredentials } from './account-credentials.ts';
import { type AccountPlace, accountPlaces } from './account-places.ts';
import {
  createdResponses,
  describeJsonBody,
  mountAdminRoute,
  okResponses,
  pageSchemaOf,
  readBody,
} from './admin-route.ts';

const tags = ['Service accounts'];

/**
 * Mounts the routes of service accounts, with their tokens and trust rules. An account belongs to a space or to the
 * registry.
 */
export function mountAccounts(app: App, context: Context): void {
  for (const place of accountPlaces) {
    const shapes = accountSchemasOf(place);
    mountAccountList(app, context, place, shapes);
    mountAccount(app, context, place, shapes);
    mountAccountCredentials(app, context, place);
  }
}

type AccountSchemas = ReturnType<typeof accountSchemasOf>;

function accountSchemasOf({ role, shapes }: AccountPlace) {
  const account = z
    .object({
      name: z.string(),
      principal: z.string(),
      role: role.nullable(),
      disabled: z.boolean(),
      createdAt: z.iso.datetime(),
    })
    .openapi(shapes);
  return {
    account,
    list: pageSchemaOf(account, `${shapes}List`),
    created: z.strictObject({ name: z.string(), role: role.nullable().optional() }),
    change: z.strictObject({ role: role.nullable().optional(), disabled: z.boolean().optional() }),
  };
}

function mountAccountList(app: App, context: Context, place: AccountPlace, shapes: AccountSchemas): void {
  const { path, access, params } = place;
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path,
      access,
      tags,
      operationId: `list${place.shapes}s`,
      summary: `List the service accounts of ${place.of}`,
      description: 'Accounts without their tokens.',
      request: { params, query: pageQuery },
      responses: okResponses('Accounts by name.', shapes.list),
    },
    async (c, deps, { params, query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listAccounts(deps, place.refOf(params).space, paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path,
      access,
      tags,
      operationId: `create${place.shapes}`,
      summary: `Create a service account of ${place.of}`,
      description: 'It acts by tokens, or for workloads that a trust rule names.',
      request: { params, query: noInput, body: describeJsonBody(shapes.created) },
      responses: createdResponses('The account.', shapes.account),
    },
    async (c, deps, { params }) => {
      const { name, role } = await readBody(c, shapes.created);
      const placed = typeof role === 'string' ? place.roleOf(role) : undefined;
      return c.json(await createAccount(deps, place.refOf(params, name), placed), 201);
    },
  );
}

function mountAccount(app: App, context: Context, place: AccountPlace, shapes: AccountSchemas): void {
  const path = `${place.path}/{account}`;
  const params = place.params.extend({ account: z.string() });
  const { access } = place;
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path,
      access,
      tags,
      operationId: `get${place.shapes}`,
      summary: `Look at a service account of ${place.of}`,
      description: 'Its role, and whether it is disabled.',
      request: { params, query: noInput },
      responses: okResponses('The account.', shapes.account),
    },
    async (c, deps, { params }) => c.json(await readAccount(deps, place.refOf(params))),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'patch',
      path,
      access,
      tags,
      operationId: `update${place.shapes}`,
      summary: `Change a service account of ${place.of}`,
      description: 'Absent fields stay; a role that is `null` is taken away.',
      request: { params, query: noInput, body: describeJsonBody(shapes.change) },
      responses: okResponses('The account as it is now.', shapes.account),
    },
    async (c, deps, { params }) => {
      const { role, disabled } = await readBody(c, shapes.change);
      const placed = role === undefined ? undefined : place.roleOf(role === null ? null : String(role));
      return c.json(await changeAccount(deps, place.refOf(params), { role: placed, disabled }));
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path,
      access,
      tags,
      operationId: `delete${place.shapes}`,
      summary: `Delete a service account of ${place.of}, with its tokens and trust rules`,
      description: 'Its name stays with what it made, and in the audit.',
      request: { params, query: noInput },
      responses: okResponses('Deleted.'),
    },
    async (c, deps, { params }) => {
      await deleteAccount(deps, place.refOf(params));
      return c.body(null, 204);
    },
  );
}
