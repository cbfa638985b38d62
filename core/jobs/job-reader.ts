import type { Database } from '../db/port.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';

/** Largest number of jobs that one query reads: the sources of a job may have megabytes. */
const maxJobsPerQuery = 50;

/** Reads jobs by their ids; reads that are asked for together are one query. */
export type JobReader = (id: string) => Promise<Job | undefined>;

/** Creates the reader of jobs by id. */
export function createJobReader(db: Database): JobReader {
  const read = batchCalls(
    async (ids: readonly string[]) => {
      const rows = await db.query<JobRow>(`SELECT ${jobColumns} FROM jobs WHERE id = ANY($1::uuid[])`, [ids]);
      const found = new Map(rows.map((row) => [row.id, toJob(row)]));
      return ids.map((id) => found.get(id));
    },
    { max: maxJobsPerQuery },
  );
  return (id) => read('', id);
}
