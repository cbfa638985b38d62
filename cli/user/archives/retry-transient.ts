import { setTimeout as sleep } from 'node:timers/promises';
import { clientCodes, isRegistryError } from '../../../client/src/index.ts';

/** Statuses after which a repeated upload may succeed. */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

const maxAttempts = 4;
const firstDelayMs = 500;
const maxDelayMs = 20_000;

/** Repeats work that failed for a reason which passes. Reasons are a connection that broke, and a busy registry. */
export async function retryTransient<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= maxAttempts || !isTransient(error)) throw error;
      await sleep(retryDelayMs(error, attempt), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function isTransient(error: unknown): boolean {
  if (isRegistryError(error, clientCodes.connection)) return !hasFutileCause(error);
  return isRegistryError(error) && transientStatuses.has(error.status);
}

/** Whether the way to the registry cannot be right: nothing listens there, no such host, or a foreign certificate. */
function hasFutileCause(error: Error): boolean {
  const cause = error.cause instanceof Error ? error.cause.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return isFutileCode(code);
}

/** Whether a code of the system says that no further attempt to connect can succeed. */
export function isFutileCode(code: string): boolean {
  return /^(?:ENOTFOUND|ECONNREFUSED|CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
}

function retryDelayMs(error: unknown, attempt: number): number {
  const wanted = isRegistryError(error) ? (error.retryAfter ?? 0) * 1000 : 0;
  return Math.min(Math.max(wanted, firstDelayMs * 2 ** (attempt - 1)), maxDelayMs);
}
