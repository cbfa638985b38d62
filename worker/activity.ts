/** Work of a process that is in progress. */
export interface Activity {
  /** Does work, and counts it as in progress until it has ended. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves once everything has ended that is in progress now; what begins afterwards does not count. */
  ended(): Promise<void>;
}

/** Creates the activity of a worker. Activities are jobs, deliveries, collections, mirrors and runs, which a hold waits for. */
export function createActivity(): Activity {
  const inProgress = new Set<Promise<unknown>>();
  return {
    async during(work) {
      const result = work();
      inProgress.add(result);
      try {
        return await result;
      } finally {
        inProgress.delete(result);
      }
    },
    async ended() {
      await Promise.allSettled(inProgress);
    },
  };
}
