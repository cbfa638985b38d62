import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './server.ts';

/** Restarts in a row that may fail, or be followed by another early end, before the server is given up. */
const maxRestarts = 8;
const firstPauseMs = 200;
const maxPauseMs = 10_000;
/** Milliseconds of running after which earlier failures no longer count. */
const steadyAfterMs = 60_000;

/** Server that is restarted when it ends by itself. */
export interface KeptServer {
  /** Resolves when the server is gone for good: stopped, or given up. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Restarts a server whenever it ends by itself, after growing delays. A server that ends again and again is
 * given up, so that the supervisor of this process notices.
 * @param restart starts the server at its previous address, so that URLs stay valid
 */
export function keepRunning(
  first: Server,
  restart: () => Promise<Server>,
  log: { info(message: string): void; error(message: string): void },
): KeptServer {
  const stopping = new AbortController();
  let server = first;
  let stopped: Promise<void> | undefined;
  const ended = watch();

  async function watch(): Promise<void> {
    for (let failures = 0; ; ) {
      const startedAt = performance.now();
      const status = await server.ended.catch(() => undefined);
      if (stopping.signal.aborted) return;
      log.error(`PostgreSQL ended by itself (${status}); postgres.log in the data folder says why`);
      if (performance.now() - startedAt > steadyAfterMs) failures = 0;
      const attempts = await restartUntilUp(failures);
      if (attempts === undefined) return;
      failures = attempts;
    }
  }

  /**
   * Restarts the server, again until it succeeds. @returns the number of attempts in a row; undefined when no
   * further one follows
   */
  async function restartUntilUp(previousFailures: number): Promise<number | undefined> {
    for (let failures = previousFailures + 1; failures <= maxRestarts; failures += 1) {
      await sleep(pauseAfter(failures), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return undefined;
      try {
        server = await restart();
        if (stopping.signal.aborted) {
          await server.stop();
          return undefined;
        }
        log.info(`PostgreSQL runs again on 127.0.0.1:${server.port}`);
        return failures;
      } catch (error) {
        log.error(`PostgreSQL did not start again: ${toMessage(error)}`);
      }
    }
    log.error(`PostgreSQL was started again ${maxRestarts} times and does not stay: it is given up`);
    return undefined;
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await server.stop();
    await ended;
  }

  return { ended, stop: () => (stopped ??= stop()) };
}

/** Milliseconds before the next restart after `failures` in a row. */
function pauseAfter(failures: number): number {
  return Math.min(firstPauseMs * 2 ** (failures - 1), maxPauseMs);
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
