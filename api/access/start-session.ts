import type { Context as HonoContext } from 'hono';
import type { Caller, Principal } from '../../core/access/principal.ts';
import { beginSession, endSession } from '../../core/access/sessions.ts';
import { toAuditRecord } from '../../core/audit/event.ts';
import type { Context } from '../../core/context.ts';
import { RegistryError } from '../../core/errors.ts';
import { isLoopbackHost } from '../../core/runtime/loopback-host.ts';
import type { Env } from '../http/env.ts';
import { callerName } from './caller-name.ts';
import { registryBaseUrl } from './client-address.ts';
import { chooseReturnPath } from './return-path.ts';
import { actorOf } from './route-access.ts';
import { isHttps, readSessionCookie, sendSessionCookie } from './session-cookie.ts';

/** Log-in of a user who has proved who it is. */
export interface VerifiedLogin {
  user: Principal;
  /** Means by which it did: a password, or the provider. */
  credential: 'password' | 'provider';
  /** Proves it again; throws where the proof has become invalid meanwhile, as by a new password. */
  confirm?: () => Promise<unknown>;
}

/**
 * Starts the session of a user. Ends the one that the browser had, and sends the browser on.
 * @throws {RegistryError} `access.denied` for a disabled user, `request.invalid` over plain http, and what `confirm` throws
 */
export async function startSession(
  c: HonoContext<Env>,
  { config, registry, audit }: Context,
  { user, credential, confirm }: VerifiedLogin,
  returnPath: string | undefined,
): Promise<Response> {
  const isSecure = checkSecureClient(c);
  const former = readSessionCookie(c.req.header('cookie'), isSecure);
  const session = await beginSession(registry.db, user.id, config.sessionLifetime);
  if (!session) {
    throw new RegistryError('access.denied', 'This user is disabled. Ask an admin of the registry.');
  }
  // A change of the password ends the sessions that it finds; of those begun meanwhile it knows nothing.
  await confirm?.().catch(async (error: unknown) => {
    await endSession(registry.db, session.secret);
    throw error;
  });
  if (former !== undefined) await endSession(registry.db, former);
  sendSessionCookie(c, isSecure, session);
  const caller = toCaller(user);
  audit.add(toAuditRecord(caller, actorOf(c).request, { action: 'login', details: { by: credential } }));
  c.set('principal', callerName(caller) ?? '');
  return c.redirect(chooseReturnPath(returnPath), 303);
}

/** Ends a session for its user, at the next request of every process. */
export async function stopSession(
  c: HonoContext<Env>,
  { access, registry, audit }: Context,
  secret: string,
): Promise<void> {
  const session = await access.findSession({ secret }, (await access.readState()).revision);
  await endSession(registry.db, secret);
  if (session)
    audit.add(toAuditRecord(toCaller(session.principal), actorOf(c).request, { action: 'logout' }));
}

function toCaller(principal: Principal): Caller {
  return { kind: 'principal', principal, credential: 'session' };
}

/** Whether nobody between the browser and the registry can read passwords and cookies. */
export function isConnectionProtected(c: HonoContext<Env>): boolean {
  const base = registryBaseUrl(c);
  return isHttps(base) || isLoopbackHost(new URL(base).hostname);
}

/**
 * Checks that the connection is secure. Returns whether it is https; on loopback it may be plain http.
 * @throws {RegistryError} `request.invalid` for plain http from another machine: passwords and cookies could be read
 */
export function checkSecureClient(c: HonoContext<Env>): boolean {
  if (isConnectionProtected(c)) return isHttps(registryBaseUrl(c));
  throw new RegistryError(
    'request.invalid',
    'Logging in needs https: open this page by its https address. Behind a proxy that speaks https, set PUBLIC_URL to that address.',
  );
}
