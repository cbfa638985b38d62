import type { Actor } from '../access/actor.ts';
import { type ReadScope, readScope } from '../access/decide.ts';
import type { Caller } from '../access/principal.ts';
import { inScopeSql, isUnbounded, scopeParameters } from '../access/read-scope.ts';
import type { Database } from '../db/port.ts';
import { maxPageBytes } from '../registry/bounded-page.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { type Job, type JobRow, type JobState, jobColumns, toJob } from './job.ts';

/** Conditions of a list of jobs; one that is not set lets all jobs through. */
export interface JobFilter {
  space?: string | undefined;
  chart?: string | undefined;
  state?: JobState | undefined;
}

/** SQL of the numbers of jobs: at most 10,000 of all, and those of a page, newest first. */
interface JobSelection {
  counted: string;
  numbers: string;
}

/**
 * Lists jobs that an actor may see, newest first; a page ends before it exceeds `maxPageBytes`.
 * The total is counted up to 10,000 only, since the table grows without end.
 */
export async function listJobs(
  { db, actor }: { db: Database; actor: Actor },
  filter: JobFilter,
  paging: Paging,
): Promise<Page<Job>> {
  const subject = await actor.subject();
  const scope = readScope(subject);
  const params = createParams();
  const selection = isUnbounded(scope)
    ? selectAll(filter, params)
    : selectVisible(scope, subject.caller, filter, params);
  const known = params.values.length;
  const [counted] = await db.query<{ total: number }>(
    `SELECT count(*) AS total FROM (${selection.counted} LIMIT 10000) counted`,
    params.values,
  );
  const [start, limit] = [`$${known + 1}`, `$${known + 2}`];
  const rows = await db.query<JobRow>(
    `WITH RECURSIVE page AS (
       SELECT ARRAY(${selection.numbers.replaceAll('$end', `${start}::bigint + ${limit}::bigint`)}
                    ORDER BY number DESC OFFSET ${start} LIMIT ${limit}) AS numbers
     ), fitting AS (
       SELECT 1 AS place, j.bytes FROM page, ${jobBytesSql('page.numbers[1]')}
        UNION ALL
       SELECT t.place + 1, t.bytes + j.bytes FROM fitting t, page, ${jobBytesSql('page.numbers[t.place + 1]')}
        WHERE t.bytes + j.bytes <= ${maxPageBytes}
     )
     SELECT ${jobColumns} FROM jobs
      WHERE number = ANY((SELECT numbers[1:(SELECT max(place) FROM fitting)] FROM page)::bigint[]) ORDER BY number DESC`,
    [...params.values, paging.start, paging.limit],
  );
  return { total: counted?.total ?? 0, items: rows.map(toJob) };
}

/** SQL of the approximate bytes of a job in a response: its sources and its error may have megabytes. */
const jobBytesSql = (number: string) =>
  `LATERAL (SELECT coalesce(octet_length(sources::text), 0)::bigint + coalesce(octet_length(error::text), 0) + 1000 AS bytes
              FROM jobs WHERE number = ${number} OFFSET 0) j`;

type PrincipalCaller = Extract<Caller, { kind: 'principal' }>;
type Params = ReturnType<typeof createParams>;

function createParams() {
  const values: unknown[] = [];
  return { values, add: (value: unknown) => `$${values.push(value)}` };
}

function conditionsOf(filter: JobFilter, params: Params): string[] {
  return (['space', 'chart', 'state'] as const).flatMap((column) =>
    filter[column] === undefined ? [] : [`${column} = ${params.add(filter[column])}`],
  );
}

function selectAll(filter: JobFilter, params: Params): JobSelection {
  const conditions = conditionsOf(filter, params);
  const from = `FROM jobs ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}`;
  return { counted: `SELECT ${from}`, numbers: `SELECT number ${from}` };
}

/**
 * Selects the jobs of readable spaces, and an author's own. The newest of each space are read by its index, so the cost
 * grows with the page and the number of spaces that have jobs, not with the jobs of others.
 */
function selectVisible(
  scope: ReadScope,
  caller: Caller,
  { space, chart, state }: JobFilter,
  params: Params,
): JobSelection {
  const first = params.values.length + 1;
  for (const value of scopeParameters(scope)) params.add(value);
  const named = space === undefined ? undefined : params.add(space);
  const others = conditionsOf({ chart, state }, params);
  const spaces = `${inScopeSql('s', first)}${named === undefined ? '' : ` AND s.name = ${named}`}`;
  // A space that was made again under its name has none of the jobs of the one before.
  // PostgreSQL does not know that one follows from the other. A plain comparison would let it expect next to no jobs, and
  // sort all of a space instead of reading its newest ones in the order of the index.
  const sameSpace = 'CASE WHEN space_id = s.id THEN true ELSE false END';
  const inSpace = ['space = s.name', sameSpace, ...others].join(' AND ');
  const readable = (columns: string, end: string) =>
    `SELECT j.* FROM spaces s CROSS JOIN LATERAL (SELECT ${columns} FROM jobs WHERE ${inSpace} ${end}) j WHERE ${spaces}`;
  const page = 'ORDER BY number DESC LIMIT $end';
  const counted = readable('1', 'LIMIT 10000');
  const numbers = readable('number', page);
  if (caller.kind !== 'principal') return { counted, numbers: `SELECT number FROM (${numbers}) visible` };
  const ownJobs = [
    ...(named === undefined ? [] : [`space = ${named}`]),
    ...others,
    ...authorConditions(caller, params),
  ].join(' AND ');
  return {
    counted: `${counted} UNION ALL
      SELECT 1 FROM jobs WHERE ${ownJobs}
         AND NOT EXISTS (SELECT FROM spaces s WHERE s.name = jobs.space AND s.id = jobs.space_id AND ${inScopeSql('s', first)})`,
    numbers: `SELECT number FROM (${numbers}
      UNION (SELECT number FROM jobs WHERE ${ownJobs} ${page})) visible`,
  };
}

/** SQL of the jobs that an author made, as far as the bounds of its credential reach. */
function authorConditions({ principal, narrowing }: PrincipalCaller, params: Params): string[] {
  const conditions = [`author_id = ${params.add(principal.id)}`];
  if (narrowing?.spaceIds)
    conditions.push(`space_id = ANY(${params.add([...narrowing.spaceIds])}::bigint[])`);
  if (narrowing?.charts)
    conditions.push(`chart LIKE ANY(${params.add(narrowing.charts.map(toLikePattern))}::text[])`);
  return conditions;
}

/** Writes a glob of chart names as a pattern of `LIKE`. */
function toLikePattern(glob: string): string {
  return glob.replaceAll(/[\\%_*?]/g, (char) => (char === '*' ? '%' : char === '?' ? '_' : `\\${char}`));
}
