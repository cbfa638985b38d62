import type { Actor } from '../access/actor.ts';
import type { Database } from '../db/port.ts';
import type { Page, Paging } from '../registry/registry.ts';
import type { Job } from './job.ts';
import { fittingJobRowsSql, fittingPlacesSql, type JobPageRow, toJobOfPage } from './job-page.ts';
import { type JobFilter, type JobOrder, maxExaminedJobs, writeJobSelection } from './select-jobs.ts';

/** Order of a list that names none. */
export const newestFirst: JobOrder = { by: 'created', isDescending: true };

/**
 * Lists jobs that an actor may see; a page ends before it exceeds `maxPageBytes`.
 * The total is counted up to 10,000 only, since the table may have millions.
 */
export async function listJobs(
  { db, actor }: { db: Database; actor: Actor },
  filter: JobFilter,
  paging: Paging,
  order: JobOrder = newestFirst,
): Promise<Page<Job>> {
  const { params, first, some, orderSql } = await writeJobSelection(actor, filter, order);
  const [counted] = await db.query<{ total: number }>(
    `SELECT count(*) AS total FROM (${some(`${maxExaminedJobs}`)} LIMIT ${maxExaminedJobs}) counted`,
    params,
  );
  const [start, limit] = [`$${params.length + 1}`, `$${params.length + 2}`];
  const rows = await db.query<JobPageRow>(
    `WITH RECURSIVE page AS (
       SELECT ARRAY(SELECT number FROM (${first(`${start}::bigint + ${limit}::bigint`)}) selected
                    ${orderSql} OFFSET ${start} LIMIT ${limit}) AS numbers
     ), ${fittingPlacesSql}
     ${fittingJobRowsSql} ORDER BY place`,
    [...params, paging.start, paging.limit],
  );
  return { total: counted?.total ?? 0, items: rows.map(toJobOfPage) };
}
