import { setTimeout as waitFor } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { RegistryError } from '../errors.ts';

/** Waits until the next attempt of a line may start. @throws {RegistryError} `service.busy` when too many wait */
export type Pace = (line: string) => Promise<void>;

/** Milliseconds from one start of a line to the next. */
const intervalMs = 1_000;
/** Longest wait in milliseconds; clients give up a request after a while. */
const maxWaitMs = 5_000;
/** Lines that one process remembers. */
const maxRememberedLines = 10_000;

/** Clock of a pace, in milliseconds that never go back. */
export interface PaceClock {
  now(): number;
  wait(ms: number): Promise<void>;
}

const processClock: PaceClock = { now: () => performance.now(), wait: (ms) => waitFor(ms) };

/** Creates a pace of one start a second and line. The first start of a line waits for nothing. */
export function createPace(clock = processClock): Pace {
  const nextStarts = new LRUCache<string, number>({ max: maxRememberedLines });
  return async (line) => {
    const now = clock.now();
    const startsAt = Math.max(now, nextStarts.get(line) ?? now);
    const waitMs = startsAt - now;
    if (waitMs > maxWaitMs)
      throw new RegistryError(
        'service.busy',
        'Too many log-ins of this user wait, after many that failed. Try again in a few seconds, or use a token.',
      );
    nextStarts.set(line, startsAt + intervalMs);
    if (waitMs > 0) await clock.wait(waitMs);
  };
}
