import type { Listener } from '../db/port.ts';
import { createFinishedJobCache } from './finished-jobs.ts';
import type { Job } from './job.ts';

/** The channel on which every change of a job is announced. */
const jobChannel = 'job_changed';

/**
 * SQL that tells every process, once it has committed, that a job has changed: an expression over a row with its `id`.
 * That a job has ended is news of its own, since most who follow one wait for that alone.
 */
export const notifySql = (what: 'change' | 'end') =>
  `pg_notify('${jobChannel}', ${what === 'end' ? `'${endMark}' || ` : ''}id::text)`;

const endMark = 'end ';

/** Milliseconds after news were lost in which an end may have gone unheard. */
const doubtful = 10_000;

/** News of job changes. It says that something changed, never what: that stands in the table. */
export interface JobWatch {
  /** Begins to take note of changes of a job; each `next` resolves when one came since the last. */
  follow(id: string): JobFollower;
  /** The same of its end alone; one that was heard of a moment ago counts as come since the last. */
  subscribeFinished(id: string): JobFollower;
  /** Takes note of a job that this process has ended, once that is committed. */
  publishFinished(job: Job): void;
  /** A job as it ended, if this process has done that a moment ago. */
  finished(id: string): Job | undefined;
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
  const wakeUp = (key: string) => {
    for (const wake of followers.get(key) ?? []) wake();
  };
  const wakeAll = () => {
    for (const wakers of followers.values()) for (const wake of wakers) wake();
  };
  const ends = createFinishedJobCache();
  let lost = Number.NEGATIVE_INFINITY;
  const unsubscribe = await listener.subscribe(jobChannel, (events) => {
    if (events === undefined) {
      lost = performance.now();
      return wakeAll();
    }
    wakeUp(events);
    if (!events.startsWith(endMark)) return;
    const id = events.slice(endMark.length);
    ends.add(id);
    wakeUp(id);
  });

  function followKey(key: string, pending: boolean): JobFollower {
    let resolveNext: (() => void) | undefined;
    const wake = () => {
      pending = true;
      resolveNext?.();
    };
    const wakers = followers.get(key) ?? new Set();
    followers.set(key, wakers.add(wake));
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
        if (wakers.size === 0) followers.delete(key);
      },
    };
  }

  return {
    follow: (id) => followKey(id, false),
    subscribeFinished: (id) => followKey(endMark + id, ends.has(id) || performance.now() - lost < doubtful),
    publishFinished(job) {
      ends.add(job.id, job);
      wakeUp(endMark + job.id);
    },
    finished: (id) => ends.get(id),
    close() {
      unsubscribe();
      wakeAll();
    },
  };
}
