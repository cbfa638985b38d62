import { RegistryError } from '../errors.ts';
import type { Call } from './call.ts';
import { connectionError, timeoutError } from './connection-error.ts';
import { createAuthorizationHeaderMaker } from './credentials.ts';
import { createDeadline } from './deadline.ts';
import type { ClientOptions } from './options.ts';
import { createResponseError } from './response-error.ts';

/** Reads a response that is a success; the timeout of the call covers it. */
export type ReadResponse<Result> = (response: Response) => Promise<Result> | Result;

/** Sends a request once. @throws {RegistryError}, or the reason of the call's signal */
export type SendOnce = <Result>(url: string, call: Call, read: ReadResponse<Result>) => Promise<Result>;

const defaultTimeoutMs = 60_000;

/** Creates the function that sends requests with the credentials of a client. */
export function createSendOnce(options: ClientOptions): SendOnce {
  const authorize = createAuthorizationHeaderMaker(options);
  const { credentials = 'same-origin' } = options;
  // Look fetch up at each request, and call it without a receiver: browsers accept no other one.
  const send: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);

  return async (url, call, read) => {
    call.signal?.throwIfAborted();
    const headers = createRequestHeaders(call, await authorize());
    const timeoutMs = computeTimeoutMs(call, options);
    const { signal, stopTimer, dispose } = createDeadline(timeoutMs, [call.signal]);
    let isStreamed = false;
    try {
      const body = call.body?.content ?? null;
      const response = await send(url, { method: call.method ?? 'GET', headers, body, signal, credentials });
      if (!response.ok) throw createResponseError(response, await response.text());
      const result = await read(response);
      isStreamed = response.body !== null && !response.bodyUsed;
      return result;
    } catch (error) {
      call.signal?.throwIfAborted();
      if (error instanceof RegistryError) throw error;
      throw signal.aborted ? timeoutError(url, timeoutMs) : connectionError(url, error);
    } finally {
      // The caller's signal also ends a body that is read later.
      if (isStreamed) stopTimer();
      else dispose();
    }
  };
}

function createRequestHeaders(
  { headers, body, idempotencyKey }: Call,
  authorization: string | undefined,
): Headers {
  const all = new Headers(headers);
  if (!all.has('accept')) all.set('Accept', 'application/json');
  if (authorization !== undefined) all.set('Authorization', authorization);
  if (body?.type !== undefined) all.set('Content-Type', body.type);
  if (idempotencyKey !== undefined) all.set('Idempotency-Key', idempotencyKey);
  return all;
}

/** Computes the timeout of a call in milliseconds; uploads take as long as their bytes do. */
function computeTimeoutMs({ timeoutMs, body }: Call, options: ClientOptions): number {
  if (timeoutMs !== undefined) return timeoutMs;
  const isUpload = body !== undefined && typeof body.content !== 'string';
  return isUpload ? Number.POSITIVE_INFINITY : (options.timeoutMs ?? defaultTimeoutMs);
}
