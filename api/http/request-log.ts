import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Log } from '../../core/runtime/log.ts';
import type { Env } from './env.ts';

/**
 * Gives each request an id, the client's own if it sent a sensible `X-Request-Id`, and writes a line when it is answered.
 * Queries are left out of the log: they may hold what is nobody's business.
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

/** @param sent by the client */
export function chooseRequestId(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) ? sent : randomUUID();
}

/** @param startedAt when it came, by `performance.now()` */
export function logRequest(
  log: Log,
  request: { request: string; method: string; path: string; status: number; job?: string },
  startedAt: number,
): void {
  log.info({ ...request, ms: Math.round(performance.now() - startedAt) }, 'request');
}
