import { setTimeout as sleep } from 'node:timers/promises';
import { isFutileCode } from '../archives/retry-transient.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';

const maxAttempts = 5;
const firstDelayMs = 500;
/** Longest wait that a source may ask for: 5 minutes. */
const maxDelayMs = 300_000;
/** Statuses after which a repeated request may succeed. */
const transientStatuses: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Failure of an attempt that a later one may not have. */
class TransientFault extends Error {
  readonly fault: CommandError;
  /** Milliseconds that the source asks to wait. */
  readonly delayMs: number;

  constructor(fault: CommandError, delayMs: number) {
    super(fault.message);
    this.fault = fault;
    this.delayMs = delayMs;
  }
}

/** Ends an attempt that was refused. Attempts end for good, or until the next one where the status may pass. */
export function throwAttemptFault(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  fault: CommandError,
): never {
  throw transientStatuses.includes(status)
    ? new TransientFault(fault, parseRetryAfterMs(headers.get('retry-after')))
    : fault;
}

/**
 * Runs attempts of a request until one returns. Attempts are repeated after connections that broke and statuses that pass, not where nothing listens.
 * @param attempt sends the request with the signal that it is given, and reads the whole answer
 * @throws {CommandError} the first one that an attempt throws, else the failure of the last attempt
 */
export async function repeatRequest<Result>(
  url: URL,
  signal: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    let fault: CommandError;
    let delayMs = firstDelayMs * 2 ** (tries - 1);
    try {
      return await withOwnSignal(signal, attempt);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CommandError) throw error;
      if (error instanceof TransientFault) {
        fault = error.fault;
        delayMs = Math.max(delayMs, error.delayMs);
      } else {
        const reason = describeReason(error);
        fault = new CommandError(
          `${urlWithoutQuery(url)} could not be read: ${reason}`,
          exitCodes.failed,
          error,
        );
        if (isFutileCode(reason)) throw fault;
      }
    }
    if (tries === maxAttempts) throw fault;
    await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * Runs work with a signal of its own that aborts with another one. `fetch` leaves its listeners at a signal until its
 * request is collected. Thousands of requests with one signal would take memory, and Node would warn.
 */
async function withOwnSignal<Result>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Shows a URL without its query, which may have a signature. */
export function urlWithoutQuery({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/** Reads `Retry-After`, seconds or a date. @returns milliseconds */
function parseRetryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0);
}

function describeReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return String(cause);
}
