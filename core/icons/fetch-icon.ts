import { Agent, type Dispatcher, request } from 'undici';
import { createDeadline } from '../runtime/deadline.ts';
import { parseCallbackUrl } from '../webhooks/callback.ts';
import { createConnector, type ResolveHostname, resolveBySystem } from '../webhooks/connect.ts';
import { createGuard } from '../webhooks/guard.ts';
import { maxIconBytes } from './declared-icon.ts';

/**
 * Result of fetching an icon. `unreachable` says whether the host itself did not answer, so that others of its
 * icons need not be tried.
 */
export type FetchedIcon = { bytes: Uint8Array<ArrayBuffer> } | { unreachable: boolean };

/** Fetches a URL within a time; never rejects. */
export type FetchIcon = (url: string, timeoutMs: number) => Promise<FetchedIcon>;

/** Options of the fetcher. */
export interface IconFetcherOptions {
  /** Ranges that may be called although they are not public, as `address/bits`. */
  allow: readonly string[];
  /** Resolves names; default: the operating system's resolver. */
  resolve?: ResolveHostname;
}

const maxRedirects = 3;

/** Statuses of redirects for a GET. */
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Creates the fetcher of icons. Each connection, those of redirects included, goes only to addresses that webhooks may
 * be sent to. It sends no credentials, takes no compressed bodies, and ignores proxies of the environment.
 * @throws Error with the range in `allow` that cannot be parsed
 */
export function createIconFetcher({ allow, resolve = resolveBySystem }: IconFetcherOptions): FetchIcon {
  const guard = createGuard(allow);

  return async (url, timeoutMs) => {
    const deadline = createDeadline(timeoutMs, []);
    const agent = new Agent({ connect: createConnector(guard, timeoutMs, resolve) });
    // undici ignores a request's signal until there is a connection, so destroy the agent.
    const destroyAgent = () => agent.destroy(deadline.signal.reason);
    deadline.signal.addEventListener('abort', destroyAgent, { once: true });
    try {
      return await followRedirects(url, (hop) => requestIconOrRedirect(agent, hop, deadline.signal));
    } catch {
      return { unreachable: true };
    } finally {
      deadline.signal.removeEventListener('abort', destroyAgent);
      deadline.dispose();
      void agent.destroy();
    }
  };
}

type IconOrRedirect = FetchedIcon | { location: string };

async function followRedirects(
  first: string,
  fetchHop: (url: URL) => Promise<IconOrRedirect>,
): Promise<FetchedIcon> {
  let base: string | undefined;
  let next = first;
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const url = parseCallbackUrl(next, base);
    if (typeof url === 'string') return { unreachable: false };
    const result = await fetchHop(url);
    if (!('location' in result)) return result;
    base = url.href;
    next = result.location;
  }
  return { unreachable: false };
}

async function requestIconOrRedirect(agent: Agent, url: URL, signal: AbortSignal): Promise<IconOrRedirect> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher: agent,
    headers: { 'user-agent': 'helm-registry', accept: 'image/*', 'accept-encoding': 'identity' },
    signal,
    reset: true,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  if (statusCode === 200 && Number(headers['content-length'] ?? 0) <= maxIconBytes) return readBody(body);
  // Errors while the connection closes change nothing.
  body.on('error', () => undefined).destroy();
  const { location } = headers;
  if (redirectStatuses.includes(statusCode) && typeof location === 'string') return { location };
  return { unreachable: false };
}

async function readBody(body: Dispatcher.ResponseData['body']): Promise<FetchedIcon> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    const bytes = Buffer.from(part);
    length += bytes.length;
    if (length > maxIconBytes) return { unreachable: false };
    parts.push(bytes);
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)) };
}
