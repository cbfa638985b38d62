import {
  approveDeviceLogin,
  denyDeviceLogin,
  reviewDeviceLogin,
} from '../../../core/access/device/decide-device-login.ts';
import { writeUserCode } from '../../../core/access/device/user-code.ts';
import type { Context } from '../../../core/context.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { describeErrors } from '../../schemas.ts';
import {
  type AdminRouteDeps,
  describeJsonBody,
  mountAdminRoute,
  okResponses,
  readBody,
} from './admin-route.ts';
import { deviceApproval, deviceRequest, userCodeBody } from './device-shapes.ts';

const tags = ['Log-in of commands'];
const access = { known: 'users decide for themselves alone, with the session of a browser' } as const;

/**
 * Mounts the routes by which the page shows, approves and denies log-ins of commands. All are POST: an address that a
 * browser is led to approves nothing, and no log keeps the code.
 */
export function mountDeviceDecisions(app: App, context: Context): void {
  const withLimits = (deps: AdminRouteDeps) => ({ ...deps, limits: context.access.loginLimits });
  const description =
    'Only the session of a browser may. Wrong codes are counted: after ten, 429 for a while.';

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/device/review',
      access,
      tags,
      operationId: 'reviewDeviceLogin',
      summary: 'Show the log-in that has a code',
      description,
      request: { params: noInput, query: noInput, body: describeJsonBody(userCodeBody) },
      responses: {
        ...okResponses('The log-in, which waits for a decision.', deviceRequest),
        ...describeErrors(429),
      },
    },
    async (c, deps) => {
      const { user_code: typed } = await readBody(c, userCodeBody);
      const { code, ...request } = await reviewDeviceLogin(withLimits(deps), typed);
      return c.json({ user_code: writeUserCode(code), ...request });
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/device/approve',
      access,
      tags,
      operationId: 'approveDeviceLogin',
      summary: 'Let a command act as you',
      description: `Its token has the bounds that you name, and never more rights than you. ${description}`,
      request: { params: noInput, query: noInput, body: describeJsonBody(deviceApproval) },
      responses: { ...okResponses('Approved: the command collects its token.'), ...describeErrors(429) },
    },
    async (c, deps) => {
      const { user_code: typed, ...approval } = await readBody(c, deviceApproval);
      await approveDeviceLogin(withLimits(deps), typed, approval);
      return c.body(null, 204);
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/device/deny',
      access,
      tags,
      operationId: 'denyDeviceLogin',
      summary: 'Deny the log-in of a command',
      description,
      request: { params: noInput, query: noInput, body: describeJsonBody(userCodeBody) },
      responses: { ...okResponses('Denied: the command gets nothing.'), ...describeErrors(429) },
    },
    async (c, deps) => {
      const { user_code: typed } = await readBody(c, userCodeBody);
      await denyDeviceLogin(withLimits(deps), typed);
      return c.body(null, 204);
    },
  );
}
