import type { Context as HonoContext } from 'hono';
import { setCookie } from 'hono/cookie';
import { parse } from 'hono/utils/cookie';
import type { NewSession } from '../../core/access/sessions.ts';
import { isLoopbackHost } from '../../core/runtime/loopback-host.ts';
import type { Env } from '../http/env.ts';

/**
 * Name of the cookie. Browsers take a `__Host-` name over https only, from the host itself and for all of its paths:
 * neither a subdomain nor a listener between can plant one.
 */
const name = '__Host-helm-registry';
/** Name over plain http, which is for this machine alone. */
const loopbackName = 'helm-registry';

/** Headers that a session is read from. */
export interface CookieHeaders {
  cookie?: string | undefined;
  host?: string | undefined;
}

/** Reads the secret of the session that a request belongs to. */
export function readSessionCookie({ cookie, host }: CookieHeaders): string | undefined {
  return readCookie({ cookie, host }, name, loopbackName);
}

/** Reads the cookie by its name for https, or on this machine by the one for http. */
export function readCookie(
  { cookie, host = '' }: CookieHeaders,
  secureName: string,
  plainName: string,
): string | undefined {
  if (cookie === undefined) return undefined;
  const secure = parse(cookie, secureName)[secureName];
  return (
    secure ?? (isLoopbackHost(host.replace(/:\d*$/, '')) ? parse(cookie, plainName)[plainName] : undefined)
  );
}

/** Sends the cookie of a new session. */
export function sendSessionCookie(c: HonoContext<Env>, isSecure: boolean, session: NewSession): void {
  sendCookie(c, isSecure ? name : loopbackName, session.secret, isSecure, session.lifetime);
}

/** Removes the cookies of a session. */
export function clearSessionCookie(c: HonoContext<Env>, isSecure: boolean): void {
  sendCookie(c, isSecure ? name : loopbackName, '', isSecure, 0);
}

/** Sends a cookie that scripts cannot read and that foreign pages send with links only. */
export function sendCookie(
  c: HonoContext<Env>,
  cookieName: string,
  value: string,
  isSecure: boolean,
  maxAge: number,
): void {
  setCookie(c, cookieName, value, {
    path: '/',
    httpOnly: true,
    secure: isSecure,
    sameSite: 'Lax',
    maxAge,
  });
}
