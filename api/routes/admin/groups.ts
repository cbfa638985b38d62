import { z } from '@hono/zod-openapi';
import {
  addGroupMember,
  createGroup,
  deleteGroup,
  listGroupMembers,
  listGroups,
  readGroup,
  removeGroupMember,
  setGroupRole,
} from '../../../core/access/admin/groups.ts';
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
const groupParams = z.object({ group: z.string() });
const memberParams = z.object({ group: z.string(), user: z.string() });
const role = z.enum(registryRoles).nullable();

const group = z
  .object({ name: z.string(), role, members: z.int(), createdAt: z.iso.datetime() })
  .openapi('Group');
const groupMember = z.object({ user: z.string(), fromClaim: z.boolean() }).openapi('GroupMember');
const newGroup = z.strictObject({ name: z.string(), role: role.optional() });
const groupChange = z.strictObject({ role });

/** Mounts the routes of groups and their members. */
export function mountGroups(app: App, context: Context): void {
  mountGroupList(app, context);
  mountGroup(app, context);
  mountGroupMembers(app, context);
}

function mountGroupList(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/groups',
      access,
      tags,
      operationId: 'listGroups',
      summary: 'List groups',
      description: 'Groups by name, those of the provider included.',
      request: { params: noInput, query: pageQuery },
      responses: okResponses('Groups by name.', pageSchemaOf(group, 'GroupList')),
    },
    async (c, deps, { query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listGroups(deps, paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/groups',
      access,
      tags,
      operationId: 'createGroup',
      summary: 'Create a group',
      description:
        'A group with the name of one at the provider gets the users whose claim names it, as they log in.',
      request: { params: noInput, query: noInput, body: describeJsonBody(newGroup) },
      responses: createdResponses('The group.', group),
    },
    async (c, deps) => c.json(await createGroup(deps, await readBody(c, newGroup)), 201),
  );
}

function mountGroup(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/groups/{group}',
      access,
      tags,
      operationId: 'getGroup',
      summary: 'Look at a group',
      description: 'Its role in the registry.',
      request: { params: groupParams, query: noInput },
      responses: okResponses('The group.', group),
    },
    async (c, deps, { params }) => c.json(await readGroup(deps, params.group)),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'patch',
      path: '/api/v1/groups/{group}',
      access,
      tags,
      operationId: 'updateGroup',
      summary: 'Set the role of a group in the registry',
      description: 'A role that is `null` is taken away.',
      request: { params: groupParams, query: noInput, body: describeJsonBody(groupChange) },
      responses: okResponses('The group as it is now.', group),
    },
    async (c, deps, { params }) => {
      const { role } = await readBody(c, groupChange);
      return c.json(await setGroupRole(deps, params.group, role));
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/api/v1/groups/{group}',
      access,
      tags,
      operationId: 'deleteGroup',
      summary: 'Delete a group with its roles',
      description: 'Its members stay, without the rights that they had by it.',
      request: { params: groupParams, query: noInput },
      responses: okResponses('Deleted. Its users stay.'),
    },
    async (c, deps, { params }) => {
      await deleteGroup(deps, params.group);
      return c.body(null, 204);
    },
  );
}

function mountGroupMembers(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/groups/{group}/members',
      access,
      tags,
      operationId: 'listGroupMembers',
      summary: 'List the members of a group',
      description: 'Users by name.',
      request: { params: groupParams, query: pageQuery },
      responses: okResponses('Users by name.', pageSchemaOf(groupMember, 'GroupMemberList')),
    },
    async (c, deps, { params, query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listGroupMembers(deps, params.group, paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'put',
      path: '/api/v1/groups/{group}/members/{user}',
      access,
      tags,
      operationId: 'addGroupMember',
      summary: 'Make a user a member of a group',
      description: 'A user that is a member already stays one.',
      request: { params: memberParams, query: noInput },
      responses: okResponses('The member.', groupMember),
    },
    async (c, deps, { params }) => c.json(await addGroupMember(deps, params.group, params.user)),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/api/v1/groups/{group}/members/{user}',
      access,
      tags,
      operationId: 'removeGroupMember',
      summary: 'Take a user out of a group',
      description: 'A claim of the provider makes the user a member again with its next log-in.',
      request: { params: memberParams, query: noInput },
      responses: okResponses('Removed.'),
    },
    async (c, deps, { params }) => {
      await removeGroupMember(deps, params.group, params.user);
      return c.body(null, 204);
    },
  );
}
