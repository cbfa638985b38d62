import type { Context as HonoContext } from 'hono';
import type { Env } from '../http/env.ts';

/**
 * Returns the address of the client that sent a request: the peer's, or what a trusted proxy reports of it. Limits
 * count by `networkOf` of it. Empty when the connection has gone.
 */
export function clientAddress(c: HonoContext<Env>): string {
  return c.env?.client?.address ?? '';
}

/**
 * Returns scheme and host of the registry as the client addresses it, without a slash at the end: `PUBLIC_URL`, or what
 * a trusted proxy reports, or the host of the request.
 */
export function baseUrl(c: HonoContext<Env>): string {
  return c.env?.client?.baseUrl() ?? 'http://localhost';
}
