import type { Context as HonoContext } from 'hono';
import type { Env } from './env.ts';

/**
 * Sets a header of whichever answer is sent. An answer's own header of that name replaces it. Node's response takes it
 * directly, since the web's `Headers` cost a small request more than its handler.
 */
export function setAnswerHeader(c: HonoContext<Env>, name: string, value: string): void {
  const outgoing = c.env?.outgoing;
  if (outgoing) outgoing.setHeader(name, value);
  else c.header(name, value);
}

/**
 * Sends an answer without a body. Call it as the last step of a handler that writes: unlike those of a read whose right
 * has gone, its headers can no longer be dropped.
 */
export function sendEmpty(
  c: HonoContext<Env>,
  status: 201 | 202,
  headers: Readonly<Record<string, string>>,
): Response {
  for (const [name, value] of Object.entries(headers)) setAnswerHeader(c, name, value);
  return c.body(null, status);
}

/** Headers that need not be read from the web's request. A repeated one comes joined, or as its first. */
type ReadHeader = 'content-length' | 'content-range' | 'if-none-match' | 'user-agent' | 'x-request-id';

/** Reads a header of Node's request. The web's `Headers` would be made of all that the client has sent. */
export function requestHeader(c: HonoContext<Env>, name: ReadHeader): string | undefined {
  const incoming = c.env?.incoming;
  if (!incoming) return c.req.header(name);
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : undefined;
}
