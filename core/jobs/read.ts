import type { Database } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { maxPageBytes } from '../registry/bounded-page.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { isFinal, type Job, type JobRow, type JobState, jobColumns, toJob } from './job.ts';
import type { JobDeps } from './jobs.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads a job by its id; one that this process has ended recently comes from memory, since it changes no more.
 * @throws {RegistryError} `job.notFound`
 */
export async function readJob({ watch, readById }: JobDeps, id: string): Promise<Job> {
  const key = id.toLowerCase();
  const job = watch.finished(key) ?? (uuid.test(key) ? await readById(key) : undefined);
  if (!job) throw new RegistryError('job.notFound', `There is no job ${id}.`);
  return job;
}

/** Conditions of a list of jobs; one that is not set lets all jobs through. */
export interface JobFilter {
  space?: string | undefined;
  chart?: string | undefined;
  state?: JobState | undefined;
}

/** SQL of the approximate bytes of a job in a response: its sources and its error may have megabytes. */
const jobBytesSql = (number: string) =>
  `LATERAL (SELECT coalesce(octet_length(sources::text), 0)::bigint + coalesce(octet_length(error::text), 0) + 1000 AS bytes
              FROM jobs WHERE number = ${number} OFFSET 0) j`;

/**
 * Lists jobs, newest first; a page ends before it exceeds `maxPageBytes`.
 * The total is counted up to 10,000 only, since the table grows without end.
 */
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
     ), fitting AS (
       SELECT 1 AS place, j.bytes FROM page, ${jobBytesSql('page.numbers[1]')}
        UNION ALL
       SELECT t.place + 1, t.bytes + j.bytes FROM fitting t, page, ${jobBytesSql('page.numbers[t.place + 1]')}
        WHERE t.bytes + j.bytes <= ${maxPageBytes}
     )
     SELECT ${jobColumns} FROM jobs
      WHERE number = ANY((SELECT numbers[1:(SELECT max(place) FROM fitting)] FROM page)::bigint[]) ORDER BY number DESC`,
    [...params, paging.start, paging.limit],
  );
  return { total: counted?.total ?? 0, items: rows.map(toJob) };
}

/** Yields a job now and after each change, until it is final or the signal aborts. */
export async function* followJob(jobs: JobDeps, id: string, signal: AbortSignal): AsyncGenerator<Job> {
  const follower = jobs.watch.follow(id);
  try {
    let seen = '';
    for (;;) {
      const job = await readJob(jobs, id);
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
 * Waits until a job is final, or the signal aborts.
 * @param job as the caller read it shortly before: the watch knows an end since then
 * @returns the job as it is then
 */
export async function waitForJob(jobs: JobDeps, job: Job, signal: AbortSignal): Promise<Job> {
  if (isFinal(job.state)) return job;
  const { id } = job;
  const follower = jobs.watch.subscribeFinished(id);
  try {
    for (;;) {
      await follower.next(signal);
      const now = await readJob(jobs, id);
      if (isFinal(now.state) || signal.aborted) return now;
    }
  } finally {
    follower.stop();
  }
}
