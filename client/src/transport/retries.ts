import { clientCodes, isRegistryError } from '../errors.ts';
import type { Call } from './call.ts';

/** Statuses after which a repeated request may succeed. */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

const transientErrorCodes: ReadonlySet<string> = new Set([clientCodes.connection, clientCodes.timeout]);

/** First and longest delay before a request is repeated, in milliseconds. */
const firstDelayMs = 500;
const maxDelayMs = 8_000;

/** Longest `Retry-After` that is waited for, in seconds; a longer one is for the caller. */
const maxRetryAfterSeconds = 60;

/**
 * Decides when a failed call is repeated.
 * @param repeats times that it was repeated before
 * @returns milliseconds to wait; undefined if it must not be repeated, or would fail again
 */
export function delayBeforeRetry(call: Call, error: unknown, repeats: number): number | undefined {
  return mayRepeatCall(call) ? delayAfterError(error, repeats) : undefined;
}

/**
 * Computes when to try again after an error, by its `Retry-After` if it has one.
 * @param failures number of failures before it
 * @returns milliseconds to wait; undefined for an error that will not pass, or not soon
 */
export function delayAfterError(error: unknown, failures: number, maxMs = maxDelayMs): number | undefined {
  if (!isRegistryError(error)) return undefined;
  const { status, code, retryAfter } = error;
  if (!transientStatuses.has(status) && !transientErrorCodes.has(code)) return undefined;
  if (retryAfter === undefined) return computeBackOffMs(failures, maxMs);
  return retryAfter > maxRetryAfterSeconds ? undefined : retryAfter * 1000;
}

/** Computes a delay that doubles each time; chance spreads callers that failed together. */
export function computeBackOffMs(repeats: number, maxMs = maxDelayMs): number {
  return Math.min(firstDelayMs * 2 ** repeats, maxMs) * (0.5 + Math.random() / 2);
}

/** Whether a call that arrives twice does what it does once. */
function mayRepeatCall({ method = 'GET', idempotencyKey, isRepeatable }: Call): boolean {
  if (isRepeatable !== undefined) return isRepeatable;
  return method === 'GET' || method === 'PUT' || method === 'DELETE' || idempotencyKey !== undefined;
}

/** Waits, or rejects with the reason of the signal once it aborts. */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
