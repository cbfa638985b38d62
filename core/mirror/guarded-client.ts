import { setTimeout as waitFor } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { Agent, type Dispatcher, request } from 'undici';
import type { UpstreamOutcome } from '../metrics/count-upstreams.ts';
import type { Deadline } from '../runtime/deadline.ts';
import {
  createConnector,
  isRefusedAddressError,
  type ResolveHostname,
  resolveBySystem,
} from '../webhooks/connect.ts';
import type { AddressGuard } from '../webhooks/guard.ts';
import { busyUpstreamFault } from './explain-answer.ts';
import { shownUrl, UpstreamFault } from './upstream-fault.ts';
import { withSendNotification } from './with-send-notification.ts';

/** Request to another server. */
export interface GuardedRequest {
  method: 'GET' | 'HEAD';
  /** Aborts when the run is no longer this process's. */
  signal: AbortSignal;
  /** Aborts with `signal`, and when the answer comes too late. It is restarted for each request that is sent. */
  deadline: Deadline;
  /** Milliseconds since 1970: pauses that were wanted before are over for this request. */
  pausesSince: number;
  headers: Record<string, string>;
  /** Header `Authorization` for a URL. It is made again at each redirect, so that no other host gets it. */
  authorize(url: URL): string | undefined;
}

/** Answer with the URL that it came from. */
export interface GuardedAnswer {
  url: URL;
  answer: Dispatcher.ResponseData;
}

/**
 * Sender of the requests of all mirrors of a process: it keeps to the guard, and to the pauses that hosts want. Runs share it,
 * since several may ask one host: archives of different repositories often lie on the same.
 */
export interface GuardedClient {
  /** Sends a request, and follows redirects. @throws {UpstreamFault}; errors of the network */
  visit(first: URL, visit: GuardedRequest): Promise<GuardedAnswer>;
  /** Sends a host no request before a time, in milliseconds since 1970. */
  pause(origin: string, until: number): void;
  /** Ends its connections. */
  close(): Promise<void>;
}

/** Options of a guarded client. */
export interface GuardedClientOptions {
  guard: AddressGuard;
  resolve?: ResolveHostname | undefined;
  /** Counts each request. */
  count(outcome: UpstreamOutcome): void;
}

/** Times and bounds of requests. */
const requestBounds = {
  redirects: 5,
  /** Requests at a time, for each scheme, host and port. */
  connections: 2,
  connectMs: 10_000,
  /** Milliseconds without a byte after which a request has failed. */
  idleMs: 30_000,
};

/** Longest wait in milliseconds within a run; a longer one ends it. */
export const maxPauseMs = 30_000;

/** Hosts whose pauses are known: redirects lead to as many as an upstream likes, and each may want years. */
const maxPausedHosts = 1_000;

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Creates a guarded client. Connections go to addresses alone that webhooks may be sent to, those of redirects included, and
 * proxies of the environment are ignored.
 */
export function createGuardedClient({
  guard,
  resolve = resolveBySystem,
  count,
}: GuardedClientOptions): GuardedClient {
  const agent = new Agent({
    connect: createConnector(guard, requestBounds.connectMs, resolve),
    connections: requestBounds.connections,
    headersTimeout: requestBounds.idleMs,
    bodyTimeout: requestBounds.idleMs,
  });
  /** Times before which hosts want no request, and when they said so, in milliseconds since 1970. */
  const pauses = new LRUCache<string, { until: number; wantedAt: number }>({ max: maxPausedHosts });

  async function waitForPause({ origin }: URL, { signal, pausesSince }: GuardedRequest): Promise<void> {
    const pause = pauses.get(origin);
    if (!pause || pause.wantedAt < pausesSince) return;
    const ms = pause.until - Date.now();
    if (ms > maxPauseMs) throw busyUpstreamFault(origin, pause.until);
    if (ms > 0) await waitFor(ms, undefined, { signal });
  }

  function notePause(origin: string, until: number): void {
    pauses.set(origin, { until, wantedAt: Date.now() });
  }

  async function send(url: URL, { method, headers, authorize, signal, deadline }: GuardedRequest) {
    const authorization = authorize(url);
    // Large files of other runs may hold the connections of this host for minutes.
    deadline.pause();
    try {
      const answer = await request(url, {
        ...{ dispatcher: withSendNotification(agent, deadline.restart), signal: deadline.signal, method },
        headers: {
          'user-agent': 'helm-registry',
          ...headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
      });
      count(answer.statusCode < 400 ? 'succeeded' : 'refused');
      return answer;
    } catch (error) {
      if (!signal.aborted) count(isRefusedAddressError(error) ? 'refused' : 'unreachable');
      throw error;
    }
  }

  return {
    async visit(first, visit) {
      let url = first;
      for (let hops = 0; hops <= requestBounds.redirects; hops += 1) {
        await waitForPause(url, visit);
        const answer = await send(url, visit);
        const { location } = answer.headers;
        if (!redirectStatuses.includes(answer.statusCode) || typeof location !== 'string')
          return { url, answer };
        discardBody(answer);
        url = redirectTarget(location, url);
      }
      throw new UpstreamFault(
        'upstream.invalid',
        `${shownUrl(first)} redirects more than ${requestBounds.redirects} times.`,
      );
    },
    pause: notePause,
    close: () => agent.destroy(),
  };
}

/** Ends the body of an answer that nobody reads. */
export function discardBody({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy();
}

function redirectTarget(location: string, from: URL): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const isWeb = next?.protocol === 'https:' || (next?.protocol === 'http:' && from.protocol === 'http:');
  if (next && isWeb) return new URL(next);
  throw new UpstreamFault(
    'upstream.invalid',
    `${shownUrl(from)} redirects to an address that is not followed.`,
  );
}
