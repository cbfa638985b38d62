import type { IncomingHttpHeaders } from 'node:http';
import type { PresentedCredentials } from '../../core/access/identify.ts';
import { isHttps, readSessionCookie } from './session-cookie.ts';

/** Headers that may have credentials. */
export type CredentialHeaders = Pick<IncomingHttpHeaders, 'authorization' | 'cookie'>;

/**
 * Reads the credentials of a request. `Authorization` has them (RFC 6750, RFC 7617), else the cookie of a session.
 * @param baseUrl returns the address of the registry as the client uses it; the name of the cookie depends on its scheme
 */
export function readCredentials(
  { authorization, cookie }: CredentialHeaders,
  baseUrl: () => string,
): PresentedCredentials {
  if (authorization === undefined) {
    const secret = cookie === undefined ? undefined : readSessionCookie(cookie, isHttps(baseUrl()));
    return secret === undefined ? { kind: 'none' } : { kind: 'session', secret };
  }
  const [, scheme = '', text = ''] =
    /^\s*([!#$%&'*+.^_`|~\w-]+)(?:[ \t]+(\S*))?\s*$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return text === '' ? { kind: 'unreadable' } : { kind: 'bearer', text };
    case 'basic':
      return readBasic(text);
    default:
      return { kind: 'unreadable' };
  }
}

function readBasic(text: string): PresentedCredentials {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return { kind: 'unreadable' };
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0 || decoded.includes('\0')) return { kind: 'unreadable' };
  const user = decoded.slice(0, colon);
  const password = decoded.slice(colon + 1);
  // Clients that use containers/image send `Basic Og==`, an empty pair, for no credentials.
  return user === '' && password === '' ? { kind: 'none' } : { kind: 'basic', user, password };
}
