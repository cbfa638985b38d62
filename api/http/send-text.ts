import type { Context } from 'hono';
import type { Env } from './env.ts';

/**
 * Sends a text that was made for this request. It is counted at once and not when it is sent: the right is checked
 * again in between, while other requests are admitted.
 */
export function sendText(c: Context<Env>, text: string, type = 'application/json'): Response {
  const bytes = new TextEncoder().encode(text);
  if (c.req.method !== 'HEAD') c.env?.holdBody?.(bytes);
  return c.body(bytes, 200, { 'Content-Type': type });
}

/** Sends a value as JSON; see {@link sendText}. */
export function sendJson(c: Context<Env>, value: unknown): Response {
  return sendText(c, JSON.stringify(value));
}
