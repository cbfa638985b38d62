import { setTimeout as sleep } from 'node:timers/promises';
import { isFutile } from '../archives/repeat-passing.ts';
import { CommandError } from '../command-error.ts';
import { type Basic, basicHeader } from '../contexts/basic.ts';
import { exitCodes } from '../exit-codes.ts';

/** Requests to a source, with credentials for its own scheme, host and port alone. */
export interface SourceFetch {
  /**
   * Requests a file, again after failures that pass.
   * @param read reads the whole body; called again when it was cut
   * @returns undefined where the source does not have it
   * @throws {CommandError} for every other answer
   */
  get<T>(url: URL, signal: AbortSignal, read: (response: Response) => Promise<T>): Promise<T | undefined>;
}

const maxAttempts = 5;
const firstDelayMs = 500;
/** Longest wait that a source may ask for: 5 minutes. */
const maxDelayMs = 300_000;
/** Statuses after which a repeated request may succeed. */
const passing: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Creates the requests to a source. @param base URL whose scheme, host and port get the credentials */
export function createSourceFetch(base: URL, basic: Basic | undefined): SourceFetch {
  const authorization = basic && basicHeader(basic);

  async function attempt(url: URL, signal: AbortSignal): Promise<Response> {
    const headers = url.origin === base.origin && authorization ? { authorization } : undefined;
    // fetch takes the header away when it is redirected to another host.
    return fetch(url, { signal, ...(headers ? { headers } : {}) });
  }

  return {
    async get(url, signal, read) {
      for (let tries = 1; ; tries += 1) {
        let delayMs = firstDelayMs * 2 ** (tries - 1);
        let fault: CommandError;
        try {
          const response = await attempt(url, signal);
          if (response.ok) return await read(response);
          await response.body?.cancel();
          if (response.status === 404 || response.status === 410) return undefined;
          fault = answered(url, response.status);
          if (!passing.includes(response.status)) throw fault;
          delayMs = Math.max(delayMs, readDelay(response.headers.get('retry-after')));
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof CommandError) throw error;
          if (isFutile(reasonOf(error))) tries = maxAttempts;
          fault = new CommandError(
            `${shown(url)} could not be read: ${reasonOf(error)}`,
            exitCodes.failed,
            error,
          );
        }
        if (tries === maxAttempts) throw fault;
        await sleep(Math.min(delayMs, maxDelayMs), undefined, { signal }).catch(() =>
          signal.throwIfAborted(),
        );
      }
    },
  };
}

function answered(url: URL, status: number): CommandError {
  if (status === 401 || status === 403)
    return new CommandError(
      `${shown(url)} answered ${status}: give --user NAME with the password on standard input`,
      exitCodes.access,
    );
  return new CommandError(`${shown(url)} answered ${status}`);
}

/** Reads `Retry-After`, seconds or a date. @returns milliseconds */
function readDelay(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0);
}

/** Shows a URL without its query, which may have a signature. */
export function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return String(cause);
}
