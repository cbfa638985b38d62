import { Agent, type Dispatcher, request } from 'undici';
import { createDeadline } from '../runtime/deadline.ts';
import { parseCallbackUrl } from './callback.ts';
import { createConnector, isRefusedAddressError, type ResolveHostname, resolveBySystem } from './connect.ts';
import { describeFailure } from './failure.ts';
import { createGuard } from './guard.ts';

/** Bytes of a response that are read and dropped before the connection is closed. */
const maxResponseBytes = 4096;
const maxRedirects = 3;

/** Webhook call to make. */
export interface WebhookCall {
  url: string;
  headers: Record<string, string>;
  /** JSON text. */
  body: string;
}

/**
 * Result of an attempt. `error` is a sentence for readers of the list of deliveries; `status` is set when a
 * response came.
 */
export type SendResult =
  | { ok: true; status: number }
  | {
      ok: false;
      status?: number;
      error: string;
      /** Whether further attempts are useless: the address may not be called. */
      permanent?: true;
    };

/** Options of a sender. */
export interface SenderOptions {
  /** Ranges that may be called although they are not public, as `address/bits`. */
  allow: readonly string[];
  /** Milliseconds for all of an attempt: name lookup, connections, redirects, and the complete response. */
  timeoutMs: number;
  /** Resolves names; default: the operating system's resolver. */
  resolve?: ResolveHostname;
}

/** Sender of webhooks. */
export interface Sender {
  /** POSTs once, and always resolves; rejects only with the reason of an aborted `signal`. */
  send(call: WebhookCall, signal?: AbortSignal): Promise<SendResult>;
}

/**
 * Creates the sender of webhooks. Each call, with its redirects, has its own connections to addresses that
 * passed the guard, and none is reused. Proxies of the environment are ignored: the addresses behind one could
 * not be checked.
 * @throws Error with the range in `allow` that cannot be parsed
 */
export function createSender({ allow, timeoutMs, resolve = resolveBySystem }: SenderOptions): Sender {
  const connect = createConnector(createGuard(allow), timeoutMs, resolve);

  return {
    async send(call, signal) {
      signal?.throwIfAborted();
      const deadline = createDeadline(timeoutMs, signal ? [signal] : []);
      const until = deadline.signal;
      const agent = new Agent({ connect });
      // undici ignores a request's signal until there is a connection, so destroy the agent.
      const destroyAgent = () => agent.destroy(until.reason);
      until.addEventListener('abort', destroyAgent, { once: true });
      try {
        const result = await followRedirects(call, (url) => post(agent, url, call, until, timeoutMs));
        if (!result.ok) signal?.throwIfAborted();
        return result;
      } finally {
        until.removeEventListener('abort', destroyAgent);
        deadline.dispose();
        // Not awaited: a connection in progress ends in its own time, without effect.
        void agent.destroy();
      }
    },
  };
}

async function followRedirects(
  call: WebhookCall,
  visit: (url: URL) => Promise<HopResult>,
): Promise<SendResult> {
  const first = parseCallbackUrl(call.url);
  if (typeof first === 'string') return createFailedSendResult(`The callback's URL ${first}.`);
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const result = await visit(url);
    if (!('location' in result)) return result;
    const { location, status } = result;
    if (redirects === maxRedirects)
      return createFailedSendResult(`More than ${maxRedirects} redirects in a row.`, status);
    const next = parseCallbackUrl(location, url.href);
    if (typeof next === 'string') return createFailedSendResult(`The URL it redirects to ${next}.`, status);
    url = next;
  }
}

type HopResult = SendResult | { location: string; status: number };

async function post(
  agent: Agent,
  url: URL,
  call: WebhookCall,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<HopResult> {
  let status: number | undefined;
  try {
    const response = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'user-agent': 'helm-registry', ...call.headers, 'content-type': 'application/json' },
      body: call.body,
      signal,
      // Closes the connection after the response.
      reset: true,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    status = response.statusCode;
    if (status >= 200 && status < 300) {
      await drainResponse(response.body);
      return { ok: true, status };
    }
    // The status decides; errors while the connection closes change nothing.
    response.body.on('error', () => undefined).destroy();
    return classifyResponse(response);
  } catch (error) {
    const failed = createFailedSendResult(
      describeFailure(signal.aborted ? signal.reason : error, timeoutMs),
      status,
    );
    return isRefusedAddressError(error) ? { ...failed, permanent: true } : failed;
  }
}

function classifyResponse({ statusCode: status, headers }: Dispatcher.ResponseData): HopResult {
  if (status === 307 || status === 308) {
    const { location } = headers;
    return typeof location === 'string'
      ? { location, status }
      : createFailedSendResult(`Answered ${status} without one Location.`, status);
  }
  if (status >= 300 && status < 400) {
    return createFailedSendResult(
      `Answered ${status}. Only the redirects 307 and 308 are followed, since others do not keep the call a POST.`,
      status,
    );
  }
  return createFailedSendResult(`Answered ${status}; only 2xx counts as received.`, status);
}

/** Reads a response to its end, or up to `maxResponseBytes`. */
async function drainResponse(body: Dispatcher.ResponseData['body']): Promise<void> {
  let read = 0;
  for await (const chunk of body) {
    read += Buffer.byteLength(chunk);
    if (read >= maxResponseBytes) return;
  }
}

function createFailedSendResult(error: string, status?: number): SendResult & { ok: false } {
  return status === undefined ? { ok: false, error } : { ok: false, status, error };
}
