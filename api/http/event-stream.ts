import { createHash } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import type { Env } from './env.ts';

/** Headers of server-sent events, among them one that keeps proxies from holding events back. */
export const eventHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
  'X-Accel-Buffering': 'no',
} as const;

/** Reads the id of the last event that a client has. A client sends the id when it comes back. */
export function readLastEventId(c: HonoContext<Env>): string | undefined {
  return c.req.header('last-event-id') || undefined;
}

/** Makes the id of an event that stands for its data, whichever process sends it. */
export function eventIdOfData(data: string): string {
  return createHash('sha256').update(data).digest('base64url').slice(0, 22);
}

/** Renders an event; data has no line breaks, as JSON has none. */
export function renderEvent(event: string, id: string, data: string): string {
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
}

/**
 * Renders a comment, which keeps proxies from closing a silent stream. The comment has the id from which the client
 * would resume.
 */
export function renderHeartbeat(id: string): string {
  return `: still here\nid: ${id}\n\n`;
}
