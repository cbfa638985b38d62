import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { readFault } from './fault.ts';
import { createSigner, defaultS3Timeouts, type S3Options, type S3Timeouts } from './options.ts';

/** Request to the bucket, or to an object in it. */
export interface S3Call {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Key of the object; undefined for the bucket itself. */
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Makes the body, again for each attempt. */
  body?: () => Readable | string;
}

/** Client of one bucket. */
export interface BucketClient {
  /**
   * Sends a request and returns its successful response; the caller reads or destroys the body.
   * @throws {S3Fault} for any other response; network errors, each with a `code`; the errors of the body
   */
  send(call: S3Call): Promise<Dispatcher.ResponseData>;
  /** Sends a request and returns the headers of its response. */
  run(call: S3Call): Promise<Dispatcher.ResponseData['headers']>;
  close(): Promise<void>;
}

/**
 * Seconds for which a signature is valid. The request is sent directly, so this only covers clocks that differ;
 * S3 accepts a difference of as much.
 */
const signatureSeconds = 15 * 60;

/** Numbers of connections. Downloads have their own, because they wait for clients that may be slow. */
const connectionLimits = { calls: 64, downloads: 256 };

/**
 * Creates the client of a bucket: `minio` signs and `undici` sends. `minio`'s own requests are not used:
 * `putObject` keeps whole parts in memory, none has a timeout, and a 503 loses S3's code and the connection
 * (docs/adr/0006). The signature goes into the URL, as in a presigned link; so a body can be streamed without
 * being known before.
 */
export function createBucketClient(options: S3Options): BucketClient {
  const limits: S3Timeouts = { ...defaultS3Timeouts, ...options.limits };
  const signer = createSigner(options.endpoint, options);
  const createAgent = (maxConnections: number) =>
    new Agent({ connections: maxConnections, pipelining: 1, connect: { timeout: limits.connect } });
  const agents = {
    calls: createAgent(connectionLimits.calls),
    downloads: createAgent(connectionLimits.downloads),
  };

  async function attempt(call: S3Call): Promise<Dispatcher.ResponseData> {
    const url = await signer.presignedUrl(
      call.method,
      options.bucket,
      call.key ?? '',
      signatureSeconds,
      call.query ?? {},
    );
    const body = call.body?.();
    const waiting = new AbortController();
    const answerTimer = setTimeout(() => waiting.abort(timeoutError(call, limits.answer)), limits.answer);
    // A large body takes long; once its bytes move, only silence counts.
    if (typeof body === 'object') body.once('resume', () => clearTimeout(answerTimer));
    try {
      const responding = request(url, {
        method: call.method,
        headers: call.headers ?? {},
        body: body ?? null,
        signal: waiting.signal,
        headersTimeout: limits.silence,
        bodyTimeout: limits.silence,
        dispatcher: call.method === 'GET' && call.key !== undefined ? agents.downloads : agents.calls,
      });
      return await rejectOnAbort(responding, waiting.signal);
    } catch (error) {
      if (typeof body === 'object') body.destroy();
      throw error;
    } finally {
      clearTimeout(answerTimer);
    }
  }

  async function send(call: S3Call): Promise<Dispatcher.ResponseData> {
    // The store may close an idle connection as it is used. Every call may be repeated.
    const response = await attempt(call).catch((error: unknown) => {
      if (isConnectionCutError(error)) return attempt(call);
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

/** Rejects when the signal aborts: undici heeds it only once it has a connection, which may be never. */
function rejectOnAbort<T>(responding: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    responding.then(resolve, reject);
  });
}

function timeoutError({ method, key }: S3Call, limit: number): Error {
  const message = `the object store did not answer ${method} ${key ?? 'bucket'} in ${limit} ms`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

function isConnectionCutError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
