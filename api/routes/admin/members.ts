import { z } from '@hono/zod-openapi';
import { listMembers, removeMember, setMember } from '../../../core/access/admin/members.ts';
import { parsePrincipalName } from '../../../core/access/admin/names.ts';
import { spaceRoles } from '../../../core/access/rights.ts';
import type { Context } from '../../../core/context.ts';
import { listResponse, toPaging } from '../../http/cached-response.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { pageQuery, spaceParams } from '../../schemas.ts';
import { describeJsonBody, mountAdminRoute, okResponses, pageSchemaOf, readBody } from './admin-route.ts';

const tags = ['Members of spaces'];
const access = { right: 'member.manage' } as const;
const memberParams = z.object({
  space: z.string(),
  principal: z.string().openapi({
    description:
      '`user:NAME`, `group:NAME`, `account:NAME`, or `account:SPACE%2FNAME` for an account of the space.',
  }),
});
const role = z.enum(spaceRoles);
const member = z.object({ principal: z.string(), role, disabled: z.boolean() }).openapi('Member');
const newRole = z.strictObject({ role });

/** Mounts the routes of the members of a space: list, set a role, remove. */
export function mountMembers(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/spaces/{space}/members',
      access,
      tags,
      operationId: 'listMembers',
      summary: 'List the members of a space',
      description: 'Principals with a role in the space.',
      request: { params: spaceParams, query: pageQuery },
      responses: okResponses('Members by kind and name.', pageSchemaOf(member, 'MemberList')),
    },
    async (c, deps, { params, query }) => {
      const paging = toPaging(query);
      return listResponse(c, await listMembers(deps, params.space, paging), paging);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'put',
      path: '/api/v1/spaces/{space}/members/{principal}',
      access,
      tags,
      operationId: 'setMember',
      summary: 'Give somebody a role in a space',
      description: 'Replaces the role that the member had. Only admins may take the role of the last owner.',
      request: { params: memberParams, query: noInput, body: describeJsonBody(newRole) },
      responses: okResponses('The member.', member),
    },
    async (c, deps, { params }) => {
      const { role } = await readBody(c, newRole);
      return c.json(await setMember(deps, params.space, parsePrincipalName(params.principal), role));
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'delete',
      path: '/api/v1/spaces/{space}/members/{principal}',
      access,
      tags,
      operationId: 'removeMember',
      summary: 'Take the role of a member away',
      description: 'Only admins may remove the last owner.',
      request: { params: memberParams, query: noInput },
      responses: okResponses('Removed.'),
    },
    async (c, deps, { params }) => {
      await removeMember(deps, params.space, parsePrincipalName(params.principal));
      return c.body(null, 204);
    },
  );
}
