import { TLSSocket } from 'node:tls';
import type { Context as HonoContext } from 'hono';
import type { Env } from '../http/env.ts';

/** Returns the origin by which the client reaches the registry: `PUBLIC_URL`, or as the request says. */
export function clientOrigin(c: HonoContext<Env>, publicUrl: string): URL {
  if (publicUrl !== '') return new URL(new URL(publicUrl).origin);
  const isEncrypted = c.env?.incoming?.socket instanceof TLSSocket;
  return new URL(`${isEncrypted ? 'https' : 'http'}://${new URL(c.req.url).host}`);
}
