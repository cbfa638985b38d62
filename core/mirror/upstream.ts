import type { Readable } from 'node:stream';
import { setTimeout as waitFor } from 'node:timers/promises';
import { createDeadline, type Deadline } from '../runtime/deadline.ts';
import type { AskTokenService, Authorization } from './authorization.ts';
import {
  busyUpstreamFault,
  explainNetworkFailure,
  faultOfStatus,
  maxRequestMs,
  maxRunMs,
  runTooLongFault,
} from './explain-answer.ts';
import { discardBody, type GuardedAnswer, type GuardedClient, maxPauseMs } from './guarded-client.ts';
import { readUpstreamBody } from './read-body.ts';
import { readRetryAfter, UpstreamFault } from './upstream-fault.ts';

/** Answer of an upstream that has the file, or (304) has nothing newer. */
export interface UpstreamAnswer {
  status: 200 | 304;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/** Options of a request. */
export interface UpstreamRequest {
  method?: 'GET' | 'HEAD';
  /** Part of the upstream for which a token is requested, where it wants tokens. */
  scope?: string;
}

/** Server of which a space is the mirror. */
export interface Upstream {
  /**
   * Requests a file, again after failures that pass, and follows redirects.
   * @param read reads the whole body; called again when a body was cut
   * @throws {UpstreamFault}; the errors of `read`; the reason of `signal`
   */
  get<T>(
    url: URL,
    headers: Record<string, string>,
    read: (answer: UpstreamAnswer) => Promise<T>,
    request?: UpstreamRequest,
  ): Promise<T>;
}

/** Options of an upstream. */
export interface UpstreamOptions {
  /** Sends the requests; all runs of a process share it. */
  client: GuardedClient;
  /** URL whose scheme, host and port get the authorization; no others do. */
  base: URL;
  authorization: Authorization;
  /** Aborts when the run is no longer this process's. */
  signal: AbortSignal;
  /** Milliseconds since 1970: pauses that hosts wanted before are over for this run; 0 by default. */
  pausesSince?: number;
  /** Milliseconds since 1970 after which no request is sent; six hours from now by default. */
  endsAt?: number;
  /** Milliseconds that a request may take once it is sent, its body included; ten minutes by default. */
  requestMs?: number;
}

/** Requests for one file. */
const maxAttempts = 4;

/** Milliseconds for which an upstream is not asked that wants fewer requests, and does not say how long. */
const defaultPauseMs = 2_000;

/** Largest answer of a token service in bytes. */
const maxTokenBytes = 64 * 1024;

/** Opens an upstream. Its requests obey the guard, wherever redirects and absolute URLs lead. */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { client, base, authorization, signal, pausesSince = 0 } = options;
  const { endsAt = Date.now() + maxRunMs, requestMs = maxRequestMs } = options;

  /** Throws the fault of an answer that has not what was asked for. */
  function refuse({ url, answer }: GuardedAnswer): never {
    discardBody(answer);
    const { statusCode: status, headers } = answer;
    const retryAt = readRetryAfter(headers['retry-after'], Date.now());
    if (status !== 429 && (status !== 503 || retryAt === undefined)) throw faultOfStatus(status, url);
    const until = retryAt ?? Date.now() + defaultPauseMs;
    client.pause(url.origin, until);
    throw busyUpstreamFault(url.origin, until);
  }

  const limits = (deadline: Deadline) => ({ deadline, signal, pausesSince });

  const askUntil =
    (deadline: Deadline): AskTokenService =>
    async (service, header) => {
      const authorize = (url: URL) => (url.origin === service.origin ? header : undefined);
      const headers = { accept: 'application/json' };
      const visited = await client.visit(service, { method: 'GET', headers, authorize, ...limits(deadline) });
      if (visited.answer.statusCode !== 200) return refuse(visited);
      const bytes = await readUpstreamBody(visited.answer.body, maxTokenBytes);
      if (bytes) return bytes;
      throw new UpstreamFault('upstream.invalid', `${service.origin} answers more than a token.`);
    };

  async function attemptUntil<T>(
    deadline: Deadline,
    ...[first, headers, read, { method = 'GET', scope = '' } = {}]: Parameters<typeof attempt<T>>
  ) {
    const authorize = (url: URL) => (url.origin === base.origin ? authorization.headerFor(scope) : undefined);
    const visit = () => client.visit(first, { method, headers, authorize, ...limits(deadline) });
    let visited = await visit();
    if (visited.answer.statusCode === 401 && visited.url.origin === base.origin) {
      // Dropped first, since its connection may be needed for the token.
      discardBody(visited.answer);
      const challenge = [visited.answer.headers['www-authenticate'] ?? []].flat().join(', ');
      if (await authorization.answer(challenge, scope, askUntil(deadline))) visited = await visit();
    }
    const { statusCode: status, body } = visited.answer;
    if (status !== 200 && (status !== 304 || !isConditional(headers))) return refuse(visited);
    try {
      return await read({ status, headers: visited.answer.headers, body });
    } finally {
      discardBody(visited.answer);
    }
  }

  async function attempt<T>(
    url: URL,
    headers: Record<string, string>,
    read: (answer: UpstreamAnswer) => Promise<T>,
    request?: UpstreamRequest,
  ) {
    // An upstream that sends a byte now and then would keep the run for ever.
    const deadline = createDeadline(requestMs, [signal]);
    try {
      return await attemptUntil(deadline, url, headers, read, request);
    } finally {
      deadline.dispose();
    }
  }

  return {
    async get(url, headers, read, request) {
      for (let tries = 1; ; tries += 1) {
        // An upstream that is slow, or lists without an end, would keep the run for ever.
        if (Date.now() > endsAt) throw runTooLongFault();
        try {
          return await attempt(url, headers, read, request);
        } catch (error) {
          signal.throwIfAborted();
          const fault = explainNetworkFailure(error, url);
          const isTransient =
            fault instanceof UpstreamFault && ['upstream.busy', 'upstream.unavailable'].includes(fault.code);
          const isFar = fault instanceof UpstreamFault && (fault.retryAt ?? 0) - Date.now() > maxPauseMs;
          if (!isTransient || isFar || tries === maxAttempts) throw fault;
          // Spread, so that many mirrors of one host do not come back together.
          await waitFor(2 ** tries * 250 * (1 + Math.random()), undefined, { signal });
        }
      }
    },
  };
}

function isConditional(headers: Record<string, string>): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
}
