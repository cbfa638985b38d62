import type { Readable } from 'node:stream';
import { setTimeout as waitFor } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { RegistryError } from '../errors.ts';
import { createDeadline } from '../runtime/deadline.ts';
import { isStorageFull } from '../runtime/storage-full.ts';
import { createConnector, isAddressRefused, type Resolve, resolveBySystem } from '../webhooks/connect.ts';
import type { Guard } from '../webhooks/guard.ts';
import type { MirrorCredentials } from './settings.ts';
import { readRetryAfter, shownUrl, UpstreamFault } from './upstream-fault.ts';

/** Answer of an upstream that has the file, or (304) has nothing newer. */
export interface UpstreamAnswer {
  status: 200 | 304;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/** Repository of which a space is the mirror. */
export interface Upstream {
  /**
   * Requests a file, again after failures that pass, and follows redirects.
   * @param read reads the whole body; called again when a body was cut
   * @throws {UpstreamFault}; the errors of `read`; the reason of `signal`
   */
  get<T>(url: URL, headers: Record<string, string>, read: (answer: UpstreamAnswer) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Options of an upstream. */
export interface UpstreamOptions {
  /** URL whose scheme, host and port get the credentials; no others do. */
  base: URL;
  credentials: MirrorCredentials | undefined;
  guard: Guard;
  resolve?: Resolve;
  signal: AbortSignal;
}

/** Times and bounds of requests. */
const bounds = {
  attempts: 4,
  redirects: 5,
  /** Requests at a time, for each scheme, host and port. */
  connections: 2,
  connectMs: 10_000,
  /** Milliseconds without a byte after which a request has failed. */
  idleMs: 30_000,
  /** Longest request in milliseconds, its body included. */
  requestMs: 600_000,
  /** Longest wait in milliseconds within a run; a longer one ends it. */
  maxPauseMs: 30_000,
};

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Opens an upstream. Connections go to addresses alone that webhooks may be sent to, those of redirects and absolute URLs
 * included, and proxies of the environment are ignored.
 */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { base, guard, resolve = resolveBySystem, signal } = options;
  const agent = new Agent({
    connect: createConnector(guard, bounds.connectMs, resolve),
    connections: bounds.connections,
    headersTimeout: bounds.idleMs,
    bodyTimeout: bounds.idleMs,
  });
  const authorization = authorizationOf(options.credentials);
  /** Times before which hosts want no request, in milliseconds since 1970. */
  const pauses = new Map<string, number>();

  async function waitForPause({ origin }: URL): Promise<void> {
    const until = pauses.get(origin) ?? 0;
    const ms = until - Date.now();
    if (ms > bounds.maxPauseMs) throw busy(origin, until);
    if (ms > 0) await waitFor(ms, undefined, { signal });
  }

  async function visit(first: URL, headers: Record<string, string>, until: AbortSignal) {
    let url = first;
    for (let hops = 0; hops <= bounds.redirects; hops += 1) {
      await waitForPause(url);
      const sent = url.origin === base.origin && authorization ? { ...headers, authorization } : headers;
      const answer = await request(url, {
        dispatcher: agent,
        signal: until,
        headers: { 'user-agent': 'helm-registry', ...sent },
      });
      const { location } = answer.headers;
      if (!redirectStatuses.includes(answer.statusCode) || typeof location !== 'string')
        return { url, answer };
      answer.body.on('error', () => undefined).destroy();
      url = nextHop(location, url);
    }
    throw new UpstreamFault(
      'upstream.invalid',
      `${shownUrl(first)} redirects more than ${bounds.redirects} times.`,
    );
  }

  async function attemptUntil<T>(
    until: AbortSignal,
    first: URL,
    headers: Record<string, string>,
    read: (answer: UpstreamAnswer) => Promise<T>,
  ) {
    const { url, answer } = await visit(first, headers, until);
    const { statusCode: status, body } = answer;
    if (status === 200 || (status === 304 && isConditional(headers))) {
      try {
        return await read({ status, headers: answer.headers, body });
      } finally {
        body.on('error', () => undefined).destroy();
      }
    }
    body.on('error', () => undefined).destroy();
    const retryAt = readRetryAfter(answer.headers['retry-after'], Date.now());
    if (status === 429 || (status === 503 && retryAt !== undefined)) {
      pauses.set(url.origin, retryAt ?? Date.now() + 2_000);
      throw busy(url.origin, pauses.get(url.origin) ?? 0);
    }
    throw faultOf(status, url);
  }

  async function attempt<T>(
    url: URL,
    headers: Record<string, string>,
    read: (answer: UpstreamAnswer) => Promise<T>,
  ) {
    // An upstream that sends a byte now and then would keep the run for ever.
    const deadline = createDeadline(bounds.requestMs, [signal]);
    try {
      return await attemptUntil(deadline.signal, url, headers, read);
    } finally {
      deadline.dispose();
    }
  }

  return {
    async get(url, headers, read) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(url, headers, read);
        } catch (error) {
          signal.throwIfAborted();
          const fault = explainFailure(error, url);
          const isPassing =
            fault instanceof UpstreamFault && ['upstream.busy', 'upstream.unavailable'].includes(fault.code);
          const isFar =
            fault instanceof UpstreamFault && (fault.retryAt ?? 0) - Date.now() > bounds.maxPauseMs;
          if (!isPassing || isFar || tries === bounds.attempts) throw fault;
          // Spread, so that many mirrors of one host do not come back together.
          await waitFor(2 ** tries * 250 * (1 + Math.random()), undefined, { signal });
        }
      }
    },
    close: () => agent.destroy(),
  };
}

function isConditional(headers: Record<string, string>): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
}

function authorizationOf(credentials: MirrorCredentials | undefined): string | undefined {
  if (!credentials) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

function nextHop(location: string, from: URL): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const isWeb = next?.protocol === 'https:' || (next?.protocol === 'http:' && from.protocol === 'http:');
  if (next && isWeb) return new URL(next);
  throw new UpstreamFault(
    'upstream.invalid',
    `${shownUrl(from)} redirects to an address that is not followed.`,
  );
}

function busy(origin: string, retryAt: number): UpstreamFault {
  const message = `${origin} wants fewer requests, and no more before ${new Date(retryAt).toISOString()}.`;
  return new UpstreamFault('upstream.busy', message, retryAt);
}

function faultOf(status: number, url: URL): UpstreamFault {
  const answered = `${shownUrl(url)} answered ${status}`;
  if (status === 404 || status === 410) return new UpstreamFault('upstream.missing', `${answered}.`);
  if (status === 401 || status === 403)
    return new UpstreamFault('upstream.denied', `${answered}: check the credentials of the mirror.`);
  return new UpstreamFault(status >= 500 ? 'upstream.unavailable' : 'upstream.invalid', `${answered}.`);
}

/** Whether an error is of the disk of the registry, on which the answer is stored. */
function isOwnFault(error: unknown): boolean {
  const codes = ['EMFILE', 'ENFILE', 'EROFS', 'EACCES', 'EIO'];
  return (
    isStorageFull(error) || (error instanceof Error && 'code' in error && codes.includes(String(error.code)))
  );
}

/** Turns failures of the network into faults; those of reading, such as too large an archive, stay. */
function explainFailure(error: unknown, url: URL): unknown {
  if (error instanceof UpstreamFault || error instanceof RegistryError || isOwnFault(error)) return error;
  if (isAddressRefused(error))
    return new UpstreamFault(
      'upstream.forbidden',
      `${url.origin} is not public, and this registry is not set to call it: its setting WEBHOOK_ALLOW says which it may.`,
    );
  if (error instanceof Error && error.name === 'TimeoutError')
    return new UpstreamFault(
      'upstream.invalid',
      `${shownUrl(url)} takes more than ${bounds.requestMs / 60_000} minutes.`,
    );
  if (!(error instanceof Error) || !('code' in error)) return error;
  return new UpstreamFault(
    'upstream.unavailable',
    `${shownUrl(url)} could not be read: ${String(error.code)}.`,
  );
}
