import type { Queryable } from '../../db/port.ts';
import type { Job } from '../job.ts';
import {
  fittingJobRowsSql,
  fittingPlacesSql,
  type JobPageRow,
  readJobPage,
  toJobOfPage,
} from '../job-page.ts';
import { type Position, type PositionRow, positionColumns, positionWithin, toPosition } from './position.ts';

/** Largest number of changed jobs that a reader gets; a reader that has missed more reads the list again. */
const maxChanges = 1_000;

/** Job as it is after a change, and the position of a reader who has seen all changes up to this one. */
export interface ChangedJob {
  job: Job;
  position: Position;
}

/** Jobs that have changed since a position. */
export interface JobChanges {
  /** Position after them. */
  position: Position;
  /** Jobs as they are now, each once, in the order of their transactions, in pages of bounded bytes; undefined where they are too many, or the position is foreign. */
  pages: AsyncIterable<readonly ChangedJob[]> | undefined;
}

/** Reads where the changes of all jobs are now. */
export async function readPosition(db: Queryable): Promise<Position> {
  const [row] = await db.query<PositionRow>(`SELECT ${positionColumns}`);
  if (!row) throw new Error('PostgreSQL has returned no snapshot');
  return toPosition(row);
}

/** Row of `changesSql`: one for each job that fits on the first page, and one without a job where there is none. */
type ChangesRow = PositionRow & { isLost: boolean; numbers: number[] | null } & (
    | JobPageRow
    | { place: null }
  );

/**
 * Reads what has changed since a position. One query reads as many jobs as fit on a page. A change is sent once its
 * transaction has committed, whatever its number.
 */
export async function readChanges(db: Queryable, since: Position): Promise<JobChanges> {
  const rows = await db.query<ChangesRow>(changesSql, [...[since.end, since.after], since.unfinished]);
  const [first] = rows;
  if (!first) throw new Error('PostgreSQL has returned no snapshot');
  const position = toPosition(first);
  if (first.isLost || position.cluster !== since.cluster) return { position, pages: undefined };
  const jobs = rows.flatMap(({ cluster: _, snapshot: __, isLost: ___, numbers: ____, ...row }) =>
    row.place === null ? [] : [row],
  );
  return { position, pages: readChangePages(db, position, jobs, first.numbers ?? []) };
}

async function* readChangePages(
  db: Queryable,
  whole: Position,
  first: readonly JobPageRow[],
  numbers: readonly number[],
): AsyncGenerator<readonly ChangedJob[]> {
  let read = 0;
  for (let page = first; page.length > 0; page = await readJobPage(db, numbers.slice(read))) {
    read += page.length;
    yield page.map((row) => ({ job: toJobOfPage(row), position: positionWithin(whole, row) }));
  }
}

// Rows of a restored dump have numbers of another cluster, which may be far ahead: they are not changes.
const changesSql = `WITH RECURSIVE now AS MATERIALIZED (
       SELECT ${positionColumns}, pg_snapshot_xmax(pg_current_snapshot()) AS ending
     ), found AS MATERIALIZED (
       (SELECT number, changed FROM jobs
         WHERE (changed, number) > ($1::xid8, $2::bigint) AND changed < (SELECT ending FROM now) ORDER BY changed, number LIMIT ${maxChanges + 1})
       UNION ALL
       (SELECT number, changed FROM jobs WHERE changed = ANY($3::xid8[]) LIMIT ${maxChanges + 1})
     ), listed AS MATERIALIZED (
       SELECT ARRAY(SELECT number FROM found ORDER BY changed, number LIMIT ${maxChanges + 1}) AS numbers
     ), page AS MATERIALIZED (
       SELECT CASE WHEN cardinality(numbers) > ${maxChanges} THEN '{}' ELSE numbers END AS numbers FROM listed
     ), ${fittingPlacesSql}, changed AS (${fittingJobRowsSql})
     SELECT now.cluster, now.snapshot, now.ending < $1::xid8 OR cardinality(listed.numbers) > ${maxChanges} AS "isLost",
            CASE WHEN changed.place = 1 THEN page.numbers::float8[] END AS numbers, changed.*
       FROM now CROSS JOIN listed CROSS JOIN page LEFT JOIN changed ON true ORDER BY changed.place`;
