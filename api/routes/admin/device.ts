import {
  beginDeviceLogin,
  deviceLoginSeconds,
  pollIntervalSeconds,
} from '../../../core/access/device/begin-device-login.ts';
import { collectDeviceToken } from '../../../core/access/device/collect-device-token.ts';
import { writeUserCode } from '../../../core/access/device/user-code.ts';
import type { Context } from '../../../core/context.ts';
import { RegistryError } from '../../../core/errors.ts';
import { registryBaseUrl } from '../../access/client-address.ts';
import { isConnectionProtected } from '../../access/start-session.ts';
import type { App } from '../../http/env.ts';
import { noInput } from '../../http/mount-routes.ts';
import { describeJsonBody, mountAdminRoute, okResponses, readBody } from './admin-route.ts';
import { begunDeviceLogin, devicePoll, deviceToken, wantedDeviceLogin } from './device-shapes.ts';

/** Page on which a user approves log-ins of commands. */
const devicePage = '/-/device';

/**
 * Mounts the routes by which a command logs in without a password. RFC 8628 is the protocol, in JSON. The page approves by those of
 * {@link mountDeviceDecisions}.
 */
export function mountDevice(app: App, context: Context): void {
  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/device',
      access: { anyone: 'who logs in has no rights yet, and gets none before a user approves' },
      tags: ['Log-in of commands'],
      operationId: 'beginDeviceLogin',
      summary: 'Begin the log-in of a command',
      description:
        'The command shows the address and the code, and polls until a user has approved it in a browser (RFC 8628).',
      request: { params: noInput, query: noInput, body: describeJsonBody(wantedDeviceLogin) },
      responses: okResponses('Codes of the log-in.', begunDeviceLogin),
    },
    async (c, deps) => {
      const wanted = await readBody(c, wantedDeviceLogin);
      if (!isConnectionProtected(c)) throw httpsNeededError();
      const { deviceCode, userCode } = await beginDeviceLogin({ ...deps, audit: context.audit }, wanted);
      const page = new URL(devicePage, registryBaseUrl(c)).href;
      const code = writeUserCode(userCode);
      return c.json({
        device_code: deviceCode,
        user_code: code,
        verification_uri: page,
        verification_uri_complete: `${page}?code=${code}`,
        expires_in: deviceLoginSeconds,
        interval: pollIntervalSeconds,
      });
    },
  );

  mountAdminRoute(
    app,
    context,
    {
      method: 'post',
      path: '/api/v1/device/token',
      access: { anyone: 'the device code is a secret of 256 bits' },
      tags: ['Log-in of commands'],
      operationId: 'collectDeviceToken',
      summary: 'Poll for the token of a log-in',
      description:
        'Until a user decides, the answer is 400: `device.pending`, or `device.slowDown` for polls that come too often; ' +
        'then `device.denied`, or the token, once. Where the log-in is over it is `device.expired`. `details.error` has ' +
        'the name of RFC 8628, and `Retry-After` the seconds to the next poll.',
      request: { params: noInput, query: noInput, body: describeJsonBody(devicePoll) },
      responses: okResponses('The token, which acts as the user who has approved it.', deviceToken),
    },
    async (c, { db, actor }) => {
      const { device_code: deviceCode } = await readBody(c, devicePoll);
      const { token: text, ...token } = await collectDeviceToken(db, deviceCode, actor.request);
      return c.json({
        access_token: text,
        token_type: 'Bearer',
        expires_in: Math.max(0, Math.floor((token.expiresAt.getTime() - Date.now()) / 1000)),
        token,
      });
    },
  );
}

/** Makes the error for a log-in whose page would ask for no password, since it could be read on the way. */
function httpsNeededError(): RegistryError {
  return new RegistryError(
    'request.invalid',
    'Logging in by the browser needs https: use the https address of the registry. Behind a proxy that speaks https, set PUBLIC_URL to that address.',
  );
}
