import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Log } from '../../core/log.ts';
import type { Env } from './mount.ts';

/**
 * Gives each request an id, the client's own if it sent a sensible `X-Request-Id`, and writes a line when it is answered.
 * Queries are left out of the log: they may hold what is nobody's business.
 */
export function createRequestLog(log: Log): MiddlewareHandler<Env> {
  return async (c, next) => {
    const sent = c.req.header('x-request-id');
    const id = sent !== undefined && /^[\w.:-]{1,128}$/.test(sent) ? sent : randomUUID();
    c.set('requestId', id);
    c.header('X-Request-Id', id);
    const begun = performance.now();
    await next();
    const ms = Math.round(performance.now() - begun);
    log.info({ request: id, method: c.req.method, path: c.req.path, status: c.res.status, ms }, 'request');
  };
}
