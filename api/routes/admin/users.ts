import { z } from '@hono/zod-openapi';
import { changeUser, createUser, deleteUser, listUsers, readUser } from '../../../core/access/admin/users.ts';
import { registryRoles } from '../../../core/access/rights.ts';
import type { Context } from '../../../core/context.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { pageQuery } from '../../schemas.ts';
import {
  createdResponses,
  describeJsonBody,
  mountAdminRoute,
  okResponses,
  pageSchemaOf,
  readBody,
} from './admin-route.ts';

const tags = ['Users and groups'];
const access = { registryRight: 'principal.manage' } as const;
const userParams = z.object({ user: z.string() });
const role = z.enum(registryRoles).nullable();

const user = z
  .object({
    name: z.string(),
    role,
    disabled: z.boolean(),
    login: z.enum(['password', 'provider', 'none']),
    issuer: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('User');
const newUser = z.strictObject({
  name: z.string(),
  password: z.string().optional(),
  role: role.optional(),
});
const userChange = z.strictObject({
  role: role.optional(),
  disabled: z.boolean().optional(),
  password: z.string().nullable().optional(),
});

/** Mounts the routes of users: list, create, read, change, delete. */
export function mountUsers(app: App, context: Context): void {
  mountUserList(app, context);
  mountUser(app, context);
}

function mountUserList(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/users',
      access,
      tags,
      operationId: 'listUsers',
      summary: 'List users',
      description: 'Local users and those of the provider, by name.',
      request: { params: noInput, query: pageQuery },
      responses: okResponses('Users by name.', pageSchemaOf(user, 'UserList')),
    },
    async (c, deps, { query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listUsers(deps, paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/users',
      access,
      tags,
      operationId: 'createUser',
      summary: 'Create a local user',
      description:
        'Users of a provider are created by their first log-in. Without a password a user acts by tokens only.',
      request: { params: noInput, query: noInput, body: describeJsonBody(newUser) },
      responses: createdResponses('The user.', user),
    },
    async (c, deps) => c.json(await createUser(deps, await readBody(c, newUser)), 201),
  );
}

function mountUser(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/users/{user}',
      access,
      tags,
      operationId: 'getUser',
      summary: 'Look at a user',
      description: 'Its role, and whether it may log in.',
      request: { params: userParams, query: noInput },
      responses: okResponses('The user.', user),
    },
    async (c, deps, { params }) => c.json(await readUser(deps, params.user)),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'patch',
      path: '/api/v1/users/{user}',
      access,
      tags,
      operationId: 'updateUser',
      summary: 'Change a user',
      description:
        'Absent fields stay. A new password ends the browser sessions of the user, and what was begun with the former ' +
        'password; `null` takes the password away. A disabled user cannot act, also not by its tokens. The last enabled admin stays an admin.',
      request: { params: userParams, query: noInput, body: describeJsonBody(userChange) },
      responses: okResponses('The user as it is now.', user),
    },
    async (c, deps, { params }) => c.json(await changeUser(deps, params.user, await readBody(c, userChange))),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/api/v1/users/{user}',
      access,
      tags,
      operationId: 'deleteUser',
      summary: 'Delete a user with its tokens and roles',
      description:
        'Its name stays with what it made, and in the audit. Tokens that its tokens have made for service accounts are revoked.',
      request: { params: userParams, query: noInput },
      responses: okResponses('Deleted.'),
    },
    async (c, deps, { params }) => {
      await deleteUser(deps, params.user);
      return c.body(null, 204);
    },
  );
}
