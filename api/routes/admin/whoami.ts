import { z } from '@hono/zod-openapi';
import { changeOwnPassword } from '../../../core/access/admin/own-password.ts';
import { whoAmI } from '../../../core/access/admin/whoami.ts';
import { registryRoles, spaceRoles } from '../../../core/access/rights.ts';
import type { Context } from '../../../core/context.ts';
import { networkOf } from '../../../core/runtime/addresses.ts';
import { clientAddress } from '../../access/client-address.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { describeErrors } from '../../schemas.ts';
import { describeJsonBody, mountAdminRoute, okResponses, readBody } from './admin-route.ts';

const tags = ['You'];
const spaceRole = z.enum(spaceRoles);

const whoAmIShape = z
  .union([
    z.object({ kind: z.enum(['anonymous', 'open']) }),
    z.object({
      kind: z.enum(['user', 'account']),
      name: z.string(),
      credential: z.enum(['password', 'token', 'registryToken', 'workload', 'session']),
      registryRoles: z.array(z.enum(registryRoles)),
      spaces: z.array(z.object({ space: z.string(), role: spaceRole }).openapi('RoleInSpace')),
      bounds: z
        .object({
          role: spaceRole.nullable(),
          spaces: z.array(z.string()).nullable(),
          charts: z.array(z.string()).nullable(),
        })
        .nullable(),
      token: z.object({ id: z.string(), name: z.string(), expiresAt: z.iso.datetime() }).nullable(),
    }),
  ])
  .openapi('WhoAmI');

const passwordChange = z.strictObject({ old: z.string(), new: z.string() });

/** Mounts the routes about the caller: who it is, and its password. */
export function mountWhoAmI(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'get',
      path: '/api/v1/whoami',
      access: { anyone: 'tells callers about themselves alone' },
      tags,
      operationId: 'getCaller',
      summary: 'Tell who you are, and what you may do',
      description:
        '`kind` is `anonymous` without credentials, and `open` in a registry that lets everybody do everything.',
      request: { params: noInput, query: noInput },
      responses: okResponses('You.', whoAmIShape),
    },
    async (c, deps) => c.json(await whoAmI(deps)),
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'put',
      path: '/api/v1/whoami/password',
      access: { known: 'callers change their own password, which they must know' },
      tags,
      operationId: 'changePassword',
      summary: 'Change your password',
      description:
        'Your browser sessions end, and jobs, follows and log-ins of commands that were begun with the former password. Your tokens stay.',
      request: { params: noInput, query: noInput, body: describeJsonBody(passwordChange) },
      responses: { ...okResponses('Changed.'), ...describeErrors(429) },
    },
    async (c, deps) => {
      const { access } = context;
      const network = networkOf(clientAddress(c));
      await changeOwnPassword(deps, await readBody(c, passwordChange), async (name, password) =>
        access.checkPassword(name, password, { revision: (await access.readState()).revision, network }),
      );
      return c.body(null, 204);
    },
  );
}
