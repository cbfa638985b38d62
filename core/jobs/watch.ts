import type { Listener, Transaction } from '../db/port.ts';

/** The channel on which every change of a job is announced. */
export const jobChannel = 'job_changed';

/** Tells every process, once this transaction has committed, that a job has changed. */
export async function announceJob(tx: Transaction, id: string): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [jobChannel, id]);
}

/** News of job changes. It says that something changed, never what: that stands in the table. */
export interface JobWatch {
  /** Begins to take note of changes of a job; each `next` resolves when one came since the last. */
  follow(id: string): JobFollower;
  close(): void;
}

export interface JobFollower {
  /**
   * Resolves at the next change, or at the one that has come since the last call, or when the signal aborts, whichever
   * is first. News may be lost with a connection: then every follower is woken to look for itself.
   */
  next(signal: AbortSignal): Promise<void>;
  stop(): void;
}

export async function createJobWatch(listener: Listener): Promise<JobWatch> {
  const followers = new Map<string, Set<() => void>>();
  const wakeAll = () => {
    for (const wakers of followers.values()) for (const wake of wakers) wake();
  };
  const unsubscribe = await listener.subscribe(jobChannel, (id) => {
    if (id === undefined) return wakeAll();
    for (const wake of followers.get(id) ?? []) wake();
  });

  return {
    follow(id) {
      let pending = false;
      let resolveNext: (() => void) | undefined;
      const wake = () => {
        pending = true;
        resolveNext?.();
      };
      const wakers = followers.get(id) ?? new Set();
      followers.set(id, wakers.add(wake));
      return {
        async next(signal) {
          if (!pending && !signal.aborted) {
            await new Promise<void>((resolve) => {
              resolveNext = resolve;
              signal.addEventListener('abort', wake);
            });
            signal.removeEventListener('abort', wake);
          }
          pending = false;
          resolveNext = undefined;
        },
        stop() {
          wakers.delete(wake);
          if (wakers.size === 0) followers.delete(id);
        },
      };
    },
    close() {
      unsubscribe();
      wakeAll();
    },
  };
}
