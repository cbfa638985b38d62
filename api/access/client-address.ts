import type { Context as HonoContext } from 'hono';
import type { Env } from '../http/env.ts';

/**
 * Returns the address of the client that sent a request. A trusted proxy reports it; otherwise it is the peer's.
 * Limits count by `networkOf` of it. Empty when the connection has gone.
 */
export function clientAddress(c: HonoContext<Env>): string {
  return c.env?.client?.address ?? '';
}

/**
 * Returns scheme and host of the registry as the client addresses it. There is no slash at the end. Source is
 * `PUBLIC_URL`, or what a trusted proxy reports, or the host of the request.
 */
export function registryBaseUrl(c: HonoContext<Env>): string {
  return c.env?.client?.baseUrl() ?? 'http://localhost';
}
