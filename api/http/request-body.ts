import { Readable } from 'node:stream';
import type { Context } from 'hono';
import type { Env } from './mount-routes.ts';

/**
 * A request's body, as Node received it: the streams of the web's `Request` around it cost more than many a body does.
 * Whoever reads it must not destroy it: that would end the connection before the answer.
 */
export function requestBody(c: Context<Env>): Readable {
  const incoming = c.env.incoming;
  if (incoming) return incoming;
  const body = c.req.raw.body;
  return body ? Readable.fromWeb(body) : Readable.from([]);
}

/** Reads a body's chunks; what is left when the loop ends early stays to be read. */
export function chunksOf(body: Readable): AsyncIterable<Buffer> {
  return body.iterator({ destroyOnReturn: false });
}
