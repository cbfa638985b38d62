import type { Listener } from '../db/port.ts';
import { createFinishedJobCache } from './finished-jobs.ts';
import type { Job } from './job.ts';

/** PostgreSQL channel of all job events. */
const jobChannel = 'job_changed';

/**
 * SQL expression that notifies every process of a change of a job.
 * The expression uses the column `id`. PostgreSQL sends the notification at the commit. An end has an event of its own,
 * since most followers wait for it alone.
 */
export const notifyJobChangeSql = (kind: 'change' | 'end') =>
  `pg_notify('${jobChannel}', ${kind === 'end' ? `'${endEventPrefix}' || ` : ''}id::text)`;

const endEventPrefix = 'end ';

/** SQL that notifies every process that jobs were added, which nobody follows by their ids yet. */
export const notifyAddedSql = `SELECT pg_notify('${jobChannel}', 'added')`;

/**
 * Milliseconds after a lost connection in which new followers of an end read the job at once: its event may be lost.
 */
const lostEventWindowMs = 10_000;

/** Events of jobs. An event says that a job changed; the table has the change. */
export interface JobWatch {
  /** Follows all changes of a job. */
  follow(id: string): JobSubscription;
  /** Follows the end of a job alone; an end shortly before the call counts. */
  subscribeFinished(id: string): JobSubscription;
  /** Calls a function from now on at every event, of whichever job, and when events may have been lost. */
  onChange(subscriber: () => void): void;
  /** Wakes followers in this process of a job that this process has ended and committed. */
  publishFinished(job: Job): void;
  /** An ended job, if this process has ended it recently. */
  finished(id: string): Job | undefined;
  close(): void;
}

/** A subscription to events of one job. */
export interface JobSubscription {
  /**
   * Resolves at the next event, or when the signal aborts.
   * An event since the last call resolves it without a wait.
   * A lost connection counts as an event, since events may be lost with it; the caller reads the job then.
   */
  next(signal: AbortSignal): Promise<void>;
  stop(): void;
}

/** Subscribes to job events of all processes. */
export async function createJobWatch(listener: Listener): Promise<JobWatch> {
  const followers = createSubscriptions();
  const finishedJobs = createFinishedJobCache();
  const subscribers = new Set<() => void>();
  let lostAt = Number.NEGATIVE_INFINITY;
  const unsubscribe = await listener.subscribe(jobChannel, (event) => {
    for (const tell of subscribers) tell();
    if (event === undefined) {
      lostAt = performance.now();
      return followers.wakeAll();
    }
    followers.wake(event);
    if (!event.startsWith(endEventPrefix)) return;
    const id = event.slice(endEventPrefix.length);
    finishedJobs.add(id);
    followers.wake(id);
  });
  return {
    follow: (id) => followers.add(id, false),
    subscribeFinished: (id) =>
      followers.add(
        endEventPrefix + id,
        finishedJobs.has(id) || performance.now() - lostAt < lostEventWindowMs,
      ),
    onChange(subscriber) {
      subscribers.add(subscriber);
    },
    publishFinished(job) {
      finishedJobs.add(job.id, job);
      followers.wake(endEventPrefix + job.id);
    },
    finished: (id) => finishedJobs.get(id),
    close() {
      unsubscribe();
      followers.wakeAll();
    },
  };
}

/** Creates the subscriptions of a process, by the text of the event that wakes them. */
function createSubscriptions() {
  const wakersByEvent = new Map<string, Set<() => void>>();
  return {
    wake(event: string): void {
      for (const wake of wakersByEvent.get(event) ?? []) wake();
    },
    wakeAll(): void {
      for (const wakers of wakersByEvent.values()) for (const wake of wakers) wake();
    },
    /** @param isPending whether the first `next` resolves without a wait */
    add(event: string, isPending: boolean): JobSubscription {
      let resolveNext: (() => void) | undefined;
      const wake = () => {
        isPending = true;
        resolveNext?.();
      };
      const wakers = wakersByEvent.get(event) ?? new Set();
      wakersByEvent.set(event, wakers.add(wake));
      return {
        async next(signal) {
          if (!isPending && !signal.aborted) {
            await new Promise<void>((resolve) => {
              resolveNext = resolve;
              signal.addEventListener('abort', wake);
            });
            signal.removeEventListener('abort', wake);
          }
          isPending = false;
          resolveNext = undefined;
        },
        stop() {
          wakers.delete(wake);
          if (wakers.size === 0) wakersByEvent.delete(event);
        },
      };
    },
  };
}
