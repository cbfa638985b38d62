/** Runs at most N pieces of work at a time. The others wait in order of arrival. */
export interface ConcurrencyLimiter {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Creates a concurrency limiter. */
export function createConcurrencyLimiter(maxConcurrent: number): ConcurrencyLimiter {
  const waiting: (() => void)[] = [];
  let free = maxConcurrent;
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // Pass the slot on directly, so that no new caller overtakes the waiting ones.
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
