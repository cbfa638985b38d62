import type { Queryable } from '../../db/port.ts';
import { notifyAddedSql } from '../job-events.ts';

/** Milliseconds between two notifications; jobs that are added meanwhile share the next. */
const pauseMs = 20;

/** Tells every process, soon, that this one has added and committed jobs. */
export type TellAdded = () => void;

/**
 * Creates the teller of added jobs.
 * Its notification is a statement of its own, beside the request: one in the transaction of a job would have all commits of
 * the cluster wait for one another. If it is lost, streams read the job within a quarter minute.
 * @param onError told of a notification that failed
 */
export function createTellAdded(db: Queryable, onError: (error: unknown) => void): TellAdded {
  let isOwed = false;
  let isTelling = false;

  async function tell(): Promise<void> {
    isTelling = true;
    while (isOwed) {
      isOwed = false;
      await db.query(notifyAddedSql).catch(onError);
      await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
    }
    isTelling = false;
  }

  return () => {
    isOwed = true;
    if (!isTelling) void tell();
  };
}
