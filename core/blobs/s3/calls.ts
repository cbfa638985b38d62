import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { readFault } from './fault.ts';
import { createSigner, defaultLimits, type S3Limits, type S3Options } from './options.ts';

/** One request to the bucket, or to an object in it. */
export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Key of the object; without one the bucket itself is meant. */
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Made anew for each attempt. */
  body?: () => Readable | string;
}

/** Talks to one bucket. */
export interface Calls {
  /**
   * @returns an answer of success; its body is the caller's to read or to destroy
   * @throws {S3Fault} for any other answer; network errors, each with a `code`; what the body fails with
   */
  send(call: S3Call): Promise<Dispatcher.ResponseData>;
  /** The same where only the headers of the answer matter. */
  run(call: S3Call): Promise<Dispatcher.ResponseData['headers']>;
  close(): Promise<void>;
}

/**
 * Seconds that a signature holds. It is used at once, so this only has to cover clocks that differ: S3 takes a
 * request whose date is off by as much.
 */
const signatureLifetime = 15 * 60;

/** Connections for what waits for the store alone, and for downloads, which wait for clients that may be slow. */
const connections = { calls: 64, downloads: 256 };

/**
 * Talks to a bucket: `minio` signs and `undici` carries. The client's own requests are not used: its `putObject` holds
 * whole parts in memory, none has a time limit, and one that is answered 503 or the like loses S3's word for it and its
 * connection (docs/adr/0006). The signature goes into the address, as in a link that is given away; that way a body can
 * be streamed without being known before.
 */
export function createCalls(options: S3Options): Calls {
  const limits: S3Limits = { ...defaultLimits, ...options.limits };
  const signer = createSigner(options.endpoint, options);
  const createAgent = (maxConnections: number) =>
    new Agent({ connections: maxConnections, pipelining: 1, connect: { timeout: limits.connect } });
  const agents = { calls: createAgent(connections.calls), downloads: createAgent(connections.downloads) };

  async function attempt(call: S3Call): Promise<Dispatcher.ResponseData> {
    const url = await signer.presignedUrl(
      call.method,
      options.bucket,
      call.key ?? '',
      signatureLifetime,
      call.query ?? {},
    );
    const body = call.body?.();
    const waiting = new AbortController();
    const answerTimer = setTimeout(() => waiting.abort(tookTooLong(call, limits.answer)), limits.answer);
    // A body of many bytes takes its time; once it moves, silence is what tells that something is wrong.
    if (typeof body === 'object') body.once('resume', () => clearTimeout(answerTimer));
    try {
      const answered = request(url, {
        method: call.method,
        headers: call.headers ?? {},
        body: body ?? null,
        signal: waiting.signal,
        headersTimeout: limits.silence,
        bodyTimeout: limits.silence,
        dispatcher: call.method === 'GET' && call.key !== undefined ? agents.downloads : agents.calls,
      });
      return await orAborted(answered, waiting.signal);
    } catch (error) {
      if (typeof body === 'object') body.destroy();
      throw error;
    } finally {
      clearTimeout(answerTimer);
    }
  }

  async function send(call: S3Call): Promise<Dispatcher.ResponseData> {
    // A connection that was kept may be closed by the store at the moment it is used; every call can be made twice.
    const response = await attempt(call).catch((error: unknown) => {
      if (isCutOff(error)) return attempt(call);
      throw error;
    });
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    throw await readFault(`${call.method} ${call.key ?? 'bucket'}`, response);
  }

  return {
    send,
    async run(call) {
      const { body, headers } = await send(call);
      await body.dump();
      return headers;
    },
    async close() {
      await Promise.all([agents.calls.destroy(), agents.downloads.destroy()]);
    },
  };
}

/** undici hears of a signal only once it has a connection for the call, which may be never. */
function orAborted<T>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    answered.then(resolve, reject);
  });
}

function tookTooLong({ method, key }: S3Call, limit: number): Error {
  const message = `the object store did not answer ${method} ${key ?? 'bucket'} in ${limit} ms`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

function isCutOff(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
