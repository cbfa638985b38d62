import type { Context as HonoContext } from 'hono';
import { logInUser } from '../../core/access/log-in-user.ts';
import type { OidcProvider } from '../../core/access/oidc.ts';
import {
  attemptLifetimeSeconds,
  claimProviderAttempt,
  makeAttempt,
  recordLoginAttempt,
} from '../../core/access/provider-attempts.ts';
import { markRefusal } from '../../core/access/refusals.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { networkOf } from '../../core/runtime/addresses.ts';
import type { App, Env } from '../http/env.ts';
import { clientAddress, registryBaseUrl } from './client-address.ts';
import { answerOrSendLoginPage, type LoginFormInput } from './login-page.ts';
import { mountLoginRoute } from './login-route.ts';
import { chooseReturnPath } from './return-path.ts';
import { actorOf } from './route-access.ts';
import { isHttps, readCookie, sendCookie } from './session-cookie.ts';
import { checkSecureClient, startSession } from './start-session.ts';

/** Path to which the provider sends the browser back. */
const callbackPath = '/login/callback';

/** Mounts the log-in at the provider of identities. */
export function mountOidcLogin(app: App, context: Context, provider: OidcProvider): void {
  mountLoginRoute(app, 'GET', '/login/oidc', (c) =>
    answerOrSendLoginPage(c, context, { returnPath: c.req.query('return') }, () =>
      sendToProvider(c, context, provider),
    ),
  );
  mountLoginRoute(app, 'GET', callbackPath, (c) => receiveFromProvider(c, context, provider));
}

async function sendToProvider(
  c: HonoContext<Env>,
  { registry }: Context,
  provider: OidcProvider,
): Promise<Response> {
  const isSecure = checkSecureClient(c);
  const attempt = makeAttempt();
  const url = await provider.authorizationUrl(attempt, callbackOf(c).href);
  await recordLoginAttempt(registry.db, attempt, {
    returnPath: chooseReturnPath(c.req.query('return')),
    network: networkOf(clientAddress(c)),
  });
  sendCookie(
    c,
    attemptCookieName(attempt.state, isSecure),
    attempt.verifier,
    isSecure,
    attemptLifetimeSeconds,
  );
  return c.redirect(url.href, 302);
}

async function receiveFromProvider(
  c: HonoContext<Env>,
  context: Context,
  provider: OidcProvider,
): Promise<Response> {
  const { config, registry } = context;
  const state = c.req.query('state') ?? '';
  const cookieName = attemptCookieName(state, isHttps(registryBaseUrl(c)));
  const verifier = readCookie(c.req.header('cookie'), cookieName) ?? '';
  const page: LoginFormInput = {};
  return answerOrSendLoginPage(c, context, page, async () => {
    const attempt = await claimProviderAttempt(registry.db, { state, verifier });
    page.returnPath = attempt?.returnPath;
    if (!attempt) {
      throw markRefusal(
        new RegistryError(
          'access.unauthenticated',
          'This log-in is over, or was begun in another browser. Log in again.',
        ),
        {},
      );
    }
    const isSecure = checkSecureClient(c);
    sendCookie(c, cookieName, '', isSecure, 0);
    const response = callbackOf(c);
    response.search = new URL(c.req.url).search;
    const proven = await provider.verifyResponse(response, { state, verifier, nonce: attempt.nonce });
    const { request } = actorOf(c);
    const user = await logInUser(registry.db, proven, { adminGroup: config.oidcAdminGroup, request });
    return startSession(c, context, { user, credential: 'provider' }, attempt.returnPath);
  });
}

function callbackOf(c: HonoContext<Env>): URL {
  return new URL(callbackPath, registryBaseUrl(c));
}

/** Names the cookie of an attempt. Each attempt has its own, so that two tabs do not end each other's. */
function attemptCookieName(state: string, isSecure: boolean): string {
  const id = /^[\w-]{43}$/.test(state) ? state.slice(0, 8) : 'none';
  return `${isSecure ? '__Host-' : ''}helm-registry-login-${id}`;
}
