import type { Queryable } from '../db/port.ts';
import { maxPageBytes } from '../registry/bounded-page.ts';
import { type Job, type JobRow, jobColumns, toJob } from './job.ts';

/**
 * Common table expression `fitting` of a recursive query: the `place` of each job of `page.numbers` that a page has room for.
 * A page ends before it exceeds `maxPageBytes`, and has at least its first job. Jobs beyond are never read: the sources,
 * the warnings and the error of a job may have megabytes.
 */
export const fittingPlacesSql = `fitting AS (
       SELECT 1 AS place, j.bytes FROM page, ${jobBytesSql('page.numbers[1]')}
        UNION ALL
       SELECT t.place + 1, t.bytes + j.bytes FROM fitting t, page, ${jobBytesSql('page.numbers[t.place + 1]')}
        WHERE t.bytes + j.bytes <= ${maxPageBytes}
     )`;

/** SQL of the jobs that fit, each with its `place`. */
export const fittingJobRowsSql = `SELECT fitting.place, number, changed::text AS changed, ${jobColumns} FROM page, fitting JOIN LATERAL (
       SELECT * FROM jobs WHERE number = (SELECT numbers[fitting.place] FROM page) OFFSET 0
     ) j ON true`;

/** Row of `fittingJobRowsSql`. */
export type JobPageRow = JobRow & { place: number; number: number; changed: string };

/** Makes a job of a row of `fittingJobRowsSql`. */
export function toJobOfPage({ place: _, number: __, changed: ___, ...row }: JobPageRow): Job {
  return toJob(row);
}

/** SQL of the approximate bytes of a job in a response. */
function jobBytesSql(number: string): string {
  return `LATERAL (SELECT coalesce(octet_length(sources::text), 0)::bigint + coalesce(octet_length(error::text), 0)
                       + coalesce(octet_length(warnings::text), 0) + 1000 AS bytes
              FROM jobs WHERE number = ${number} OFFSET 0) j`;
}

/** Reads jobs by their numbers, in that order, as many as fit on a page. */
export async function readJobPage(db: Queryable, numbers: readonly number[]): Promise<JobPageRow[]> {
  if (numbers.length === 0) return [];
  return db.query<JobPageRow>(
    `WITH RECURSIVE page AS (SELECT $1::bigint[] AS numbers), ${fittingPlacesSql}
     ${fittingJobRowsSql} ORDER BY place`,
    [numbers],
  );
}
