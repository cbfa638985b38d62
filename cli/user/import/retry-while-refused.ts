import { setTimeout as sleep } from 'node:timers/promises';
import { isRegistryError } from '../../../client/src/index.ts';
import { causeCode } from '../explain-error.ts';
import type { Session } from '../session/session.ts';

/** Repeats requests to the registry while it refuses connections. */
export type RetryWhileRefused = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Longest time for which refused connections are tried again: a restart takes less. */
const defaultMaxWaitMs = 60_000;
const pauseMs = 1_000;

/**
 * Creates the repetition of requests to a registry that refuses connections, as during its restart. A registry that has
 * not answered yet is not waited for, since its address may be wrong; nor is one that stayed away too long.
 */
export function createRetryWhileRefused(
  { signal, note }: Pick<Session, 'signal' | 'note'>,
  maxWaitMs = defaultMaxWaitMs,
): RetryWhileRefused {
  let isReached = false;
  let isTold = false;
  return async (work) => {
    let refusedAt: number | undefined;
    for (;;) {
      try {
        const result = await work();
        isReached = true;
        isTold = false;
        return result;
      } catch (error) {
        if (isRegistryError(error) && error.status > 0) isReached = true;
        if (causeCode(error) !== 'ECONNREFUSED' || !isReached) throw error;
        if (refusedAt === undefined) refusedAt = performance.now();
        else if (performance.now() - refusedAt >= maxWaitMs) {
          isReached = false;
          throw error;
        }
        if (!isTold)
          note(`the registry refuses connections; trying again for up to ${maxWaitMs / 1_000} seconds`);
        isTold = true;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  };
}
