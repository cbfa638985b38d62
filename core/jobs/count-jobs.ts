import type { Actor } from '../access/actor.ts';
import type { Database } from '../db/port.ts';
import { type JobState, jobStates } from './job.ts';
import { newestFirst } from './list-jobs.ts';
import { maxExaminedJobs, writeJobSelection } from './select-jobs.ts';

/** Number of jobs in a state; `more` where there are more than are counted. */
export interface StateCount {
  count: number;
  more: boolean;
}

/** Counts the jobs that an actor may see, up to 10,000 of each state. */
export async function countJobs(
  { db, actor }: { db: Database; actor: Actor },
  space: string | undefined,
): Promise<Record<JobState, StateCount>> {
  const counting = jobStates.map(async (state) => {
    const { params, some } = await writeJobSelection(actor, { space, states: [state] }, newestFirst);
    const end = `${maxExaminedJobs + 1}`;
    const [row] = await db.query<{ count: number }>(
      `SELECT count(*) AS count FROM (${some(end)} LIMIT ${end}) counted`,
      params,
    );
    const count = row?.count ?? 0;
    return { count: Math.min(count, maxExaminedJobs), more: count > maxExaminedJobs };
  });
  const [queued, running, succeeded, failed, cancelled] = await Promise.all(counting);
  if (!queued || !running || !succeeded || !failed || !cancelled) throw new Error('a state was not counted');
  return { queued, running, succeeded, failed, cancelled };
}
