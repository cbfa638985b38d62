import { Agent, type Dispatcher, request } from 'undici';
import { createDeadline } from '../runtime/deadline.ts';
import { parseCallbackUrl } from './callback.ts';
import { createConnector, isAddressRefused, type Resolve, resolveBySystem } from './connect.ts';
import { describeFailure } from './failure.ts';
import { createGuard } from './guard.ts';

/** Bytes of an answer that are read, and thrown away, before the connection is closed. */
const mostOfAnswer = 4096;
const mostRedirects = 3;

export interface Call {
  url: string;
  headers: Record<string, string>;
  /** JSON text. */
  body: string;
}

/** `error` is a sentence for the person who reads the log of deliveries; `status` is there when an answer came. */
export type SendResult =
  | { ok: true; status: number }
  | {
      ok: false;
      status?: number;
      error: string;
      /** Another attempt would end in the same way: the address may not be called. */
      permanent?: true;
    };

export interface SenderOptions {
  /** Ranges that may be called although they are not public, as `address/bits`. */
  allow: readonly string[];
  /** Milliseconds for everything: names, connections, redirects, and the answer to its end. */
  timeoutMs: number;
  /** How names become addresses; the operating system's way unless said otherwise. */
  resolve?: Resolve;
}

export interface Sender {
  /** POSTs once. Resolves whatever happens; rejects only when `signal` is aborted, with its reason. */
  send(call: Call, signal?: AbortSignal): Promise<SendResult>;
}

/**
 * Makes what calls webhooks. Each call has connections of its own, those for redirects included, and each is made to an
 * address that passed the guard; none is kept for a later call. Proxies from the environment are not used: behind one
 * the address could not be checked.
 * @throws Error naming the range in `allow` that cannot be read.
 */
export function createSender({ allow, timeoutMs, resolve = resolveBySystem }: SenderOptions): Sender {
  const connect = createConnector(createGuard(allow), timeoutMs, resolve);

  return {
    async send(call, signal) {
      signal?.throwIfAborted();
      const deadline = createDeadline(timeoutMs, signal ? [signal] : []);
      const until = deadline.signal;
      const agent = new Agent({ connect });
      // A request does not heed its signal before there is a connection, so the agent has to be told.
      const stop = () => agent.destroy(until.reason);
      until.addEventListener('abort', stop, { once: true });
      try {
        const result = await follow(call, (url) => post(agent, url, call, until, timeoutMs));
        if (!result.ok) signal?.throwIfAborted();
        return result;
      } finally {
        until.removeEventListener('abort', stop);
        deadline.dispose();
        // Not waited for: a connection that is being made ends in its own time, and to no effect.
        void agent.destroy();
      }
    },
  };
}

async function follow(call: Call, visit: (url: URL) => Promise<Hop>): Promise<SendResult> {
  const first = parseCallbackUrl(call.url);
  if (typeof first === 'string') return fail(`The callback's URL ${first}.`);
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const result = await visit(url);
    if (!('location' in result)) return result;
    const { location, status } = result;
    if (redirects === mostRedirects) return fail(`More than ${mostRedirects} redirects in a row.`, status);
    const next = parseCallbackUrl(location, url.href);
    if (typeof next === 'string') return fail(`The URL it redirects to ${next}.`, status);
    url = next;
  }
}

type Hop = SendResult | { location: string; status: number };

async function post(
  agent: Agent,
  url: URL,
  call: Call,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Hop> {
  let status: number | undefined;
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'user-agent': 'helm-registry', ...call.headers, 'content-type': 'application/json' },
      body: call.body,
      signal,
      // Asks for the connection to be closed after the answer.
      reset: true,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    status = answer.statusCode;
    if (status >= 200 && status < 300) {
      await readStart(answer.body);
      return { ok: true, status };
    }
    // The status has said it all; whatever breaks while the connection is closed changes nothing.
    answer.body.on('error', () => undefined).destroy();
    return judge(answer);
  } catch (error) {
    const failed = fail(describeFailure(signal.aborted ? signal.reason : error, timeoutMs), status);
    return isAddressRefused(error) ? { ...failed, permanent: true } : failed;
  }
}

function judge({ statusCode: status, headers }: Dispatcher.ResponseData): Hop {
  if (status === 307 || status === 308) {
    const { location } = headers;
    return typeof location === 'string'
      ? { location, status }
      : fail(`Answered ${status} without one Location.`, status);
  }
  if (status >= 300 && status < 400) {
    return fail(
      `Answered ${status}. Only the redirects 307 and 308 are followed, since others do not keep the call a POST.`,
      status,
    );
  }
  return fail(`Answered ${status}; only 2xx counts as received.`, status);
}

/** Reads an answer to its end, or as much of it as anyone may send us. */
async function readStart(body: Dispatcher.ResponseData['body']): Promise<void> {
  let read = 0;
  for await (const chunk of body) {
    read += Buffer.byteLength(chunk);
    if (read >= mostOfAnswer) return;
  }
}

function fail(error: string, status?: number): SendResult & { ok: false } {
  return status === undefined ? { ok: false, error } : { ok: false, status, error };
}
