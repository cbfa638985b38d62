import type { Context } from 'hono';
import type { Log } from '../../core/runtime/log.ts';
import type { Env } from '../http/env.ts';
import { isBlobFault, toRegistryError } from '../http/error-response.ts';

/** The one place where an error becomes an answer of ChartMuseum's interface: its status, and what it says as `error`. */
export function chartmuseumError(c: Context<Env>, log: Log, thrown: unknown): Response {
  const error = toRegistryError(c, log, thrown);
  if (error.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  const code = isBlobFault(error) ? { code: error.code, details: error.details } : {};
  return c.json({ error: error.message, ...code }, error.status);
}
