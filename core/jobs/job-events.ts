import type { Listener } from '../db/port.ts';
import { createFinishedJobCache } from './finished-jobs.ts';
import type { Job } from './job.ts';

/** PostgreSQL channel of all job events. */
const jobChannel = 'job_changed';

/**
 * SQL expression that notifies every process of a change of a job, over a row with its `id`.
 * PostgreSQL sends the notification at the commit. An end has an event of its own, since most followers wait for it alone.
 */
export const notifySql = (kind: 'change' | 'end') =>
  `pg_notify('${jobChannel}', ${kind === 'end' ? `'${endMark}' || ` : ''}id::text)`;

const endMark = 'end ';

/** Milliseconds after a lost connection in which new followers of an end read the job at once: its event may be lost. */
const recheckMs = 10_000;

/** Events of jobs. An event says that a job changed; the table has the change. */
export interface JobWatch {
  /** Follows all changes of a job. */
  follow(id: string): JobFollower;
  /** Follows the end of a job alone; an end shortly before the call counts. */
  subscribeFinished(id: string): JobFollower;
  /** Wakes followers in this process of a job that this process has ended and committed. */
  publishFinished(job: Job): void;
  /** An ended job, if this process has ended it recently. */
  finished(id: string): Job | undefined;
  close(): void;
}

/** A subscription to events of one job. */
export interface JobFollower {
  /**
   * Resolves at the next event, at once if one came since the last call, or when the signal aborts.
   * A lost connection counts as an event, since events may be lost with it; the caller reads the job then.
   */
  next(signal: AbortSignal): Promise<void>;
  stop(): void;
}

/** Subscribes to job events of all processes. */
export async function createJobWatch(listener: Listener): Promise<JobWatch> {
  const followers = new Map<string, Set<() => void>>();
  const wakeUp = (key: string) => {
    for (const wake of followers.get(key) ?? []) wake();
  };
  const wakeAll = () => {
    for (const wakers of followers.values()) for (const wake of wakers) wake();
  };
  const finishedJobs = createFinishedJobCache();
  let lostAt = Number.NEGATIVE_INFINITY;
  const unsubscribe = await listener.subscribe(jobChannel, (event) => {
    if (event === undefined) {
      lostAt = performance.now();
      return wakeAll();
    }
    wakeUp(event);
    if (!event.startsWith(endMark)) return;
    const id = event.slice(endMark.length);
    finishedJobs.add(id);
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
    subscribeFinished: (id) =>
      followKey(endMark + id, finishedJobs.has(id) || performance.now() - lostAt < recheckMs),
    publishFinished(job) {
      finishedJobs.add(job.id, job);
      wakeUp(endMark + job.id);
    },
    finished: (id) => finishedJobs.get(id),
    close() {
      unsubscribe();
      wakeAll();
    },
  };
}
