import type { Context as HonoContext } from 'hono';
import type { RegistryError } from '../../core/errors.ts';
import type { Env } from '../http/env.ts';

/**
 * Adds the challenge to a response that asks for credentials (RFC 9110 section 11.6.1).
 * A script of a page gets none: its browser would ask for a password in a window of its own.
 */
export function setBasicChallenge(c: HonoContext<Env>, error: RegistryError): void {
  if (error.code !== 'access.unauthenticated' || isFromScript(c)) return;
  c.header('WWW-Authenticate', 'Basic realm="Helm registry", charset="UTF-8"');
}

/** Whether a script of a page sent the request. Programs send no `Sec-Fetch-Site`, though Node's `fetch` sends the mode. */
export function isFromScript(c: HonoContext<Env>): boolean {
  return c.req.header('sec-fetch-site') !== undefined && c.req.header('sec-fetch-mode') !== 'navigate';
}
