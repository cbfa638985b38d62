import type { Queryable } from '../../db/port.ts';
import { notifyAddedSql } from '../job-events.ts';

/** Milliseconds between two notifications; jobs that are added meanwhile share the next. */
const pauseBetweenNotificationsMs = 20;

/** Notifies every process, soon, that this one has added and committed jobs. */
export type NotifyAdded = () => void;

/**
 * Creates the function that notifies of added jobs. Its notification is a statement of its own, beside the request. In
 * the transaction of a job it would have all commits of the cluster wait for one another. If it is lost, streams read
 * the job within a quarter minute.
 * @param onError gets the error of a notification that failed
 */
export function createNotifyAdded(db: Queryable, onError: (error: unknown) => void): NotifyAdded {
  let isOwed = false;
  let isNotifying = false;

  async function notify(): Promise<void> {
    isNotifying = true;
    while (isOwed) {
      isOwed = false;
      await db.query(notifyAddedSql).catch(onError);
      await new Promise<void>((resolve) => setTimeout(resolve, pauseBetweenNotificationsMs).unref());
    }
    isNotifying = false;
  }

  return () => {
    isOwed = true;
    if (!isNotifying) void notify();
  };
}
