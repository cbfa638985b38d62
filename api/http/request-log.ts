import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Log } from '../../core/runtime/log.ts';
import { maskTokens } from '../../core/runtime/mask-tokens.ts';
import { clientAddress } from '../access/client-address.ts';
import type { Env } from './env.ts';
import { requestHeader, setAnswerHeader } from './node-headers.ts';
import { statusAsSent } from './status-as-sent.ts';

/** Answered request, as a line of the log tells it. Queries and headers with credentials are not part of it. */
export interface LoggedRequest {
  request: string;
  method: string;
  path: string;
  status: number;
  /** Address of the client. */
  client: string;
  /** Program of the client, as it names itself. */
  agent?: string | undefined;
  /** Code of the error that was answered. */
  code?: string | undefined;
  /** Principal who sent the request. */
  principal?: string | undefined;
  /** Id of the job that the request created or waited for. */
  job?: string | undefined;
}

/** Most characters of the client's name for itself; programs need fewer, and a client may send kilobytes. */
const maxAgentLength = 200;

/**
 * Creates the request log: an id and a line for each request. The id is the client's `X-Request-Id` if that is valid.
 * Queries are not logged, since they may be private.
 */
export function createRequestLog(log: Log): MiddlewareHandler<Env> {
  return async (c, next) => {
    const id = chooseRequestId(requestHeader(c, 'x-request-id'));
    c.set('requestId', id);
    setAnswerHeader(c, 'X-Request-Id', id);
    const startedAt = performance.now();
    await next();
    c.env?.noteRoute?.(c.get('route') ?? routePath(c));
    const { method, path } = c.req;
    const status = statusAsSent(c.env?.outgoing, c.res.status, c.get('error'));
    c.env?.noteStatus?.(status);
    const line = {
      request: id,
      method,
      path,
      status,
      client: clientAddress(c),
      agent: requestHeader(c, 'user-agent'),
      code: c.get('error')?.code,
      principal: c.get('principal'),
      job: c.get('job'),
    };
    logRequest(log, line, startedAt);
  };
}

/**
 * Chooses the id of a request. A token is none: the id is logged, sent back and recorded.
 * @param sent by the client
 */
export function chooseRequestId(sent: string | string[] | undefined): string {
  const isValid = typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) && maskTokens(sent) === sent;
  return isValid ? sent : randomUUID();
}

/** Paths that monitoring asks every few seconds: those that succeed would fill the log. */
const probePaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/health', '/metrics']);

/**
 * Logs an answered request; a probe that succeeded at `debug` only.
 * @param startedAt by `performance.now()`
 */
export function logRequest(log: Log, request: LoggedRequest, startedAt: number): void {
  const agent = request.agent && maskTokens(request.agent).slice(0, maxAgentLength);
  const path = maskTokens(request.path);
  const level = probePaths.has(request.path) && request.status < 400 ? 'debug' : 'info';
  log[level]({ ...request, path, agent, ms: Math.round(performance.now() - startedAt) }, 'request');
}
