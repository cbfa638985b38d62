import { setTimeout as sleep } from 'node:timers/promises';
import { isRegistryError } from '../../../client/src/index.ts';
import { causeCode } from '../explain-error.ts';
import type { Session } from '../session/session.ts';

/** Repeats requests to the registry while it refuses connections. */
export type RetryWhileRefused = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Longest time for which refused connections are tried again: a restart takes less. */
const defaultMaxWaitMs = 60_000;
const pauseMs = 1_000;
/** Time after which work was connected, though it is refused now: the client's own tries take two seconds. */
const connectedMs = 10_000;

/**
 * Creates the repetition of requests to a registry that refuses connections, as during its restart. A registry that has
 * not answered yet is not waited for, since its address may be wrong; nor is one that stayed away too long. Work of many
 * requests may see several restarts, and each has the whole time.
 * @param now milliseconds of a clock
 */
export function createRetryWhileRefused(
  { signal, note }: Pick<Session, 'signal' | 'note'>,
  maxWaitMs = defaultMaxWaitMs,
  now = () => performance.now(),
): RetryWhileRefused {
  let isReached = false;
  let isTold = false;
  return async (work) => {
    let refusedAt: number | undefined;
    for (;;) {
      const startedAt = now();
      try {
        const result = await work();
        isReached = true;
        isTold = false;
        return result;
      } catch (error) {
        if (isRegistryError(error) && error.status > 0) isReached = true;
        if (causeCode(error) !== 'ECONNREFUSED' || !isReached) throw error;
        const failedAt = now();
        if (refusedAt === undefined || failedAt - startedAt >= connectedMs) refusedAt = failedAt;
        else if (failedAt - refusedAt >= maxWaitMs) {
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
