import type { Database } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { maxPageBytes } from '../registry/bounded-page.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { isFinal, type Job, type JobRow, type JobState, jobColumns, toJob } from './job.ts';
import type { JobDeps } from './jobs.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws {RegistryError} `job.notFound` */
export async function readJob(db: Database, id: string): Promise<Job> {
  const [row] = uuid.test(id)
    ? await db.query<JobRow>(`SELECT ${jobColumns} FROM jobs WHERE id = $1`, [id])
    : [];
  if (!row) throw new RegistryError('job.notFound', `There is no job ${id}.`);
  return toJob(row);
}

/** Which jobs are wanted; a filter that is not set lets all through. */
export interface JobFilter {
  space?: string | undefined;
  chart?: string | undefined;
  state?: JobState | undefined;
}

/** SQL of the bytes that a job has in an answer: what it was made from, and why it failed, may have megabytes. */
const sizeOfJob = (number: string) =>
  `LATERAL (SELECT coalesce(octet_length(sources::text), 0)::bigint + coalesce(octet_length(error::text), 0) + 1000 AS bytes
              FROM jobs WHERE number = ${number} OFFSET 0) j`;

/** Jobs, newest first, as many as fit on a page of `maxPageBytes`. The total is counted up to 10,000 only, since a log has no end. */
export async function listJobs(db: Database, filter: JobFilter, paging: Paging): Promise<Page<Job>> {
  const conditions: string[] = [];
  const params: unknown[] = [];
  for (const column of ['space', 'chart', 'state'] as const) {
    if (filter[column] === undefined) continue;
    params.push(filter[column]);
    conditions.push(`${column} = $${params.length}`);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const [counted] = await db.query<{ total: number }>(
    `SELECT count(*) AS total FROM (SELECT FROM jobs ${where} LIMIT 10000) counted`,
    params,
  );
  const rows = await db.query<JobRow>(
    `WITH RECURSIVE page AS (
       SELECT ARRAY(SELECT number FROM jobs ${where} ORDER BY number DESC
                    OFFSET $${params.length + 1} LIMIT $${params.length + 2}) AS numbers
     ), taken AS (
       SELECT 1 AS place, j.bytes FROM page, ${sizeOfJob('page.numbers[1]')}
        UNION ALL
       SELECT t.place + 1, t.bytes + j.bytes FROM taken t, page, ${sizeOfJob('page.numbers[t.place + 1]')}
        WHERE t.bytes + j.bytes <= ${maxPageBytes}
     )
     SELECT ${jobColumns} FROM jobs
      WHERE number = ANY((SELECT numbers[1:(SELECT max(place) FROM taken)] FROM page)::bigint[]) ORDER BY number DESC`,
    [...params, paging.start, paging.limit],
  );
  return { total: counted?.total ?? 0, items: rows.map(toJob) };
}

/** Every state of a job that can be seen from now on, the present one first, ending after the final one. */
export async function* followJob(jobs: JobDeps, id: string, signal: AbortSignal): AsyncGenerator<Job> {
  const follower = jobs.watch.follow(id);
  try {
    let seen = '';
    for (;;) {
      const job = await readJob(jobs.db, id);
      const now = JSON.stringify(job);
      if (now !== seen) yield job;
      seen = now;
      if (isFinal(job.state) || signal.aborted) return;
      await follower.next(signal);
    }
  } finally {
    follower.stop();
  }
}

/**
 * A job once it is final, or as it is when the signal aborts.
 * @param job as it was a moment ago: what has become of it since has been heard of
 */
export async function waitForJob(jobs: JobDeps, job: Job, signal: AbortSignal): Promise<Job> {
  if (isFinal(job.state)) return job;
  const { id } = job;
  const follower = jobs.watch.subscribeFinished(id);
  try {
    for (;;) {
      await follower.next(signal);
      const now = jobs.watch.finished(id) ?? (await readJob(jobs.db, id));
      if (isFinal(now.state) || signal.aborted) return now;
    }
  } finally {
    follower.stop();
  }
}
