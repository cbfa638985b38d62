import type { Context as HonoContext } from 'hono';
import { setCookie } from 'hono/cookie';
import { parse } from 'hono/utils/cookie';
import type { NewSession } from '../../core/access/sessions.ts';
import type { Env } from '../http/env.ts';

/**
 * Name of the cookie. Browsers accept a `__Host-` name over https only, from the host itself and for all of its paths.
 * So neither a subdomain nor a listener between can plant one.
 */
const sessionCookieName = '__Host-helm-registry';
/** Name over plain http, which is for this machine alone. */
const loopbackSessionCookieName = 'helm-registry';

/**
 * Reads the secret of the session that a request belongs to.
 * @param cookies value of the `Cookie` header
 * @param isSecure whether the client reaches the registry over https
 */
export function readSessionCookie(cookies: string | undefined, isSecure: boolean): string | undefined {
  return readCookie(cookies, isSecure ? sessionCookieName : loopbackSessionCookieName);
}

/** Whether the address of the registry, as a client uses it, is one of https. */
export function isHttps(baseUrl: string): boolean {
  return baseUrl.startsWith('https:');
}

/** Reads a cookie by its name. */
export function readCookie(cookies: string | undefined, cookieName: string): string | undefined {
  return cookies === undefined ? undefined : parse(cookies, cookieName)[cookieName];
}

/** Sends the cookie of a new session. */
export function sendSessionCookie(c: HonoContext<Env>, isSecure: boolean, session: NewSession): void {
  sendCookie(
    c,
    isSecure ? sessionCookieName : loopbackSessionCookieName,
    session.secret,
    isSecure,
    session.lifetimeSeconds,
  );
}

/** Removes the cookies of a session. */
export function clearSessionCookie(c: HonoContext<Env>, isSecure: boolean): void {
  sendCookie(c, isSecure ? sessionCookieName : loopbackSessionCookieName, '', isSecure, 0);
}

/** Sends a cookie that scripts cannot read and that foreign pages send with links only. */
export function sendCookie(
  c: HonoContext<Env>,
  cookieName: string,
  value: string,
  isSecure: boolean,
  maxAgeSeconds: number,
): void {
  setCookie(c, cookieName, value, {
    path: '/',
    httpOnly: true,
    secure: isSecure,
    sameSite: 'Lax',
    maxAge: maxAgeSeconds,
  });
}
