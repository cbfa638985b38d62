import type { Context as HonoContext } from 'hono';
import type { Principal } from '../../core/access/principal.ts';
import { beginSession, endSession } from '../../core/access/sessions.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { isLoopbackHost } from '../../core/runtime/loopback-host.ts';
import type { Env } from '../http/env.ts';
import { baseUrl } from './client-address.ts';
import { chooseReturnPath } from './return-path.ts';
import { isHttps, readSessionCookie, sendSessionCookie } from './session-cookie.ts';

/**
 * Starts the session of a user, ends the one that the browser had, and sends the browser on.
 * @throws {RegistryError} `access.denied` for a disabled user, `request.invalid` over plain http
 */
export async function startSession(
  c: HonoContext<Env>,
  { config, registry }: Context,
  user: Principal,
  returnPath: string | undefined,
): Promise<Response> {
  const isSecure = isSecureClient(c);
  const former = readSessionCookie(c.req.header('cookie'), isSecure);
  const session = await beginSession(registry.db, user.id, config.sessionLifetime);
  if (!session)
    throw new RegistryError('access.denied', 'This user is disabled. Ask an admin of the registry.');
  if (former !== undefined) await endSession(registry.db, former);
  sendSessionCookie(c, isSecure, session);
  c.set('principal', `${user.kind}:${user.name}`);
  return c.redirect(chooseReturnPath(returnPath), 303);
}

/** Whether nobody between the browser and the registry can read passwords and cookies. */
export function isProtected(c: HonoContext<Env>): boolean {
  const base = baseUrl(c);
  return isHttps(base) || isLoopbackHost(new URL(base).hostname);
}

/**
 * Whether the browser reaches the registry over https.
 * @throws {RegistryError} `request.invalid` for plain http from another machine: passwords and cookies could be read
 */
export function isSecureClient(c: HonoContext<Env>): boolean {
  if (isProtected(c)) return isHttps(baseUrl(c));
  throw new RegistryError(
    'request.invalid',
    'Logging in needs https: open this page by its https address. Behind a proxy that speaks https, set PUBLIC_URL to that address.',
  );
}
