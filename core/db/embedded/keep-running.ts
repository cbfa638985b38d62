import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './server.ts';

/** Restarts in a row that may fail, or be followed by another early end, before the server is given up. */
const maxRestarts = 8;
const firstPauseMs = 200;
const maxPauseMs = 10_000;
/** Milliseconds of running after which earlier failures no longer count. */
const steadyAfterMs = 60_000;

/** Failures in a row that count, and attempts, which the pauses grow by. */
interface Streak {
  failures: number;
  attempts: number;
}

/** Options of a server that is kept running. */
export interface KeepRunningOptions {
  /** Starts the server at its previous address, so that URLs stay valid. */
  restart: () => Promise<Server>;
  /** Tells whether the disk has too little room for a server. Its ends and failed starts do not count then. */
  lacksRoom: () => Promise<boolean>;
  log: { info(message: string): void; error(message: string): void };
  /** Milliseconds before an attempt; for tests. */
  pauseBefore?: (attempt: number) => number;
}

/** Server that is restarted when it ends by itself. */
export interface KeptServer {
  /** Resolves when the server is gone for good: stopped, or given up. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Restarts a server whenever it ends by itself, after growing delays. A server that ends again and again is given up,
 * so that the supervisor of this process notices. On a full disk it is not given up, since no supervisor makes room.
 * This process then answers reads of what it has in memory, and says what is wrong.
 */
export function keepRunning(
  first: Server,
  { restart, lacksRoom, log, pauseBefore = pauseBeforeAttempt }: KeepRunningOptions,
): KeptServer {
  const stopping = new AbortController();
  let server = first;
  let stopped: Promise<void> | undefined;
  const ended = watch();

  async function watch(): Promise<void> {
    for (let streak: Streak = { failures: 0, attempts: 0 }; ; ) {
      const startedAt = performance.now();
      const status = await server.ended.catch(() => undefined);
      if (stopping.signal.aborted) return;
      log.error(`PostgreSQL ended by itself (${status}); postgres.log in the data folder says why`);
      if (performance.now() - startedAt > steadyAfterMs) streak = { failures: 0, attempts: 0 };
      const next = await restartUntilUp(streak);
      if (next === undefined) return;
      streak = next;
    }
  }

  /**
   * Restarts the server, again until it succeeds. @returns the streak so far; undefined when no further
   * attempt follows
   */
  async function restartUntilUp(streak: Streak): Promise<Streak | undefined> {
    for (let { failures, attempts } = streak; ; ) {
      attempts += 1;
      if (await lacksRoom()) log.error('the disk of the data folder is full: PostgreSQL waits for room');
      else failures += 1;
      if (failures > maxRestarts) break;
      await sleep(pauseBefore(attempts), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return undefined;
      try {
        server = await restart();
        if (stopping.signal.aborted) {
          await server.stop();
          return undefined;
        }
        log.info(`PostgreSQL runs again on 127.0.0.1:${server.port}`);
        return { failures, attempts };
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

/** Milliseconds before an attempt; the first is 1. */
function pauseBeforeAttempt(attempt: number): number {
  return Math.min(firstPauseMs * 2 ** (attempt - 1), maxPauseMs);
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
