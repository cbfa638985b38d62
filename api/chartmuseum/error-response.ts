import type { Context } from 'hono';
import type { Log } from '../../core/runtime/log.ts';
import { setBasicChallenge } from '../access/challenge.ts';
import type { Env } from '../http/env.ts';
import { sendsCodeEverywhere, toRegistryError } from '../http/error-response.ts';

/**
 * Sends an error in ChartMuseum's format: its status, and its message as `error`. Damaged and missing blobs,
 * and a full disk, have their code too.
 */
export function chartmuseumErrorResponse(c: Context<Env>, log: Log, thrown: unknown): Response {
  const error = toRegistryError(c, log, thrown);
  if (error.retryAfter !== undefined) c.header('Retry-After', String(error.retryAfter));
  setBasicChallenge(c, error);
  const code = sendsCodeEverywhere(error) ? { code: error.code, details: error.details } : {};
  return c.json({ error: error.message, ...code }, error.status);
}
