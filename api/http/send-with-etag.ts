import type { Context } from 'hono';
import { matchesEtag } from './cached-response.ts';
import type { Env } from './env.ts';

/** Content Security Policy of foreign content: a browser that opens it runs and loads nothing of it. */
export const foreignContentPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";

/** Bytes with the ETag that validates them. */
export interface BytesWithEtag {
  bytes: Uint8Array<ArrayBuffer>;
  /** Text that is equal for equal bytes at this address. */
  tag: string;
  headers: Record<string, string>;
}

/** Sends bytes with their ETag, or 304. The bytes are in memory, and counted until the client has them. */
export function sendWithEtag(c: Context<Env>, { bytes, tag, headers }: BytesWithEtag): Response {
  const etag = `"${tag}"`;
  const validators = { ETag: etag, 'Cache-Control': 'no-cache' };
  if (matchesEtag(c.req.header('if-none-match'), etag)) return c.body(null, 304, validators);
  if (c.req.method !== 'HEAD') c.env.holdBody?.(bytes);
  return c.body(bytes, 200, { ...validators, ...headers, 'Content-Length': String(bytes.length) });
}
