import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Log } from '../../core/runtime/log.ts';
import type { Env } from './env.ts';

/**
 * Creates the request log: an id for each request, the client's `X-Request-Id` if valid, and a line for each
 * response. Queries are not logged, since they may be private.
 */
export function createRequestLog(log: Log): MiddlewareHandler<Env> {
  return async (c, next) => {
    const id = chooseRequestId(c.req.header('x-request-id'));
    c.set('requestId', id);
    c.header('X-Request-Id', id);
    const startedAt = performance.now();
    await next();
    const { method, path } = c.req;
    const job = c.get('job');
    logRequest(log, { request: id, method, path, status: c.res.status, ...(job ? { job } : {}) }, startedAt);
  };
}

/**
 * Chooses the id of a request.
 * @param sent by the client
 */
export function chooseRequestId(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) ? sent : randomUUID();
}

/**
 * Logs an answered request.
 * @param startedAt by `performance.now()`
 */
export function logRequest(
  log: Log,
  request: { request: string; method: string; path: string; status: number; job?: string },
  startedAt: number,
): void {
  log.info({ ...request, ms: Math.round(performance.now() - startedAt) }, 'request');
}
