import type { Actor } from '../access/actor.ts';
import { toLikePattern } from '../access/chart-globs.ts';
import { computeReadScope, type ReadScope } from '../access/decide.ts';
import type { Caller } from '../access/principal.ts';
import { inArrayScopeSql, isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import { createSqlParameters, type SqlParameters } from '../db/sql-parameters.ts';
import { finalStates, type JobState, jobStates } from './job.ts';

/** Conditions of a list of jobs; one that is not set lets all jobs through. */
export interface JobFilter {
  space?: string | undefined;
  chart?: string | undefined;
  states?: readonly JobState[] | undefined;
  /** Part of `SPACE/CHART/VERSION`, in any case; looked for in the first 10,000 jobs that the rest lets through. */
  text?: string | undefined;
}

/** Orders of a list: by acceptance, by last change, or by end, which leaves out jobs that are not over. */
export const jobSorts = ['created', 'updated', 'finished'] as const;

/** Order of a list of jobs. */
export interface JobOrder {
  by: (typeof jobSorts)[number];
  isDescending: boolean;
}

/** Jobs that are counted or searched at the most: the table may have millions. */
export const maxExaminedJobs = 10_000;

/** SQL of the jobs that an actor may see, and its parameters. */
export interface JobSelection {
  params: unknown[];
  /**
   * SQL of the first jobs in order: `number`, and `at`, by which they are ordered.
   * @param end SQL of how many; a union of indexes may have more
   */
  first(end: string): string;
  /** SQL of as many jobs in any order, for counting them. */
  some(end: string): string;
  /** SQL of `ORDER BY`. */
  orderSql: string;
}

/**
 * Writes SQL of the jobs of readable spaces, and an author's own. The first jobs of each space and state are read by an
 * index. So the cost grows with the page and the number of spaces that have jobs, not with the jobs of others, or of
 * other states.
 */
export async function writeJobSelection(
  actor: Actor,
  filter: JobFilter,
  order: JobOrder,
): Promise<JobSelection> {
  const subject = await actor.subject();
  const scope = computeReadScope(subject);
  const params = createSqlParameters();
  const select = isUnboundedScope(scope)
    ? createSelectWriterOfAll(filter, order, params)
    : createSelectWriterOfVisible(scope, subject.caller, filter, order, params);
  const orderSql = writeOrderBySql('at', order);
  const { text } = filter;
  if (text === undefined) {
    const some = (end: string) => select(end, true);
    return { params: params.values, first: (end) => select(end, false), some, orderSql };
  }
  const found = `strpos(lower(t.space || '/' || t.chart || '/' || t.version), lower(${params.add(text)})) > 0`;
  const first = (end: string) =>
    `SELECT found.number, found.at FROM (${select(`${maxExaminedJobs}`, false)} ${orderSql} LIMIT ${maxExaminedJobs}) found
       JOIN jobs t USING (number) WHERE ${found} ${orderSql.replaceAll(/\b(at|number)\b/g, 'found.$1')} LIMIT ${end}`;
  const searched = (end: string) => `SELECT * FROM (${first(end)}) searched`;
  return { params: params.values, first: searched, some: searched, orderSql };
}

type PrincipalCaller = Extract<Caller, { kind: 'principal' }>;
/** Makes SQL of the first jobs in order, or of some of them. */
type SelectWriter = (end: string, isUnordered: boolean) => string;

/** SQL of an order by a key; two jobs of one time are in the order of their acceptance. Acceptance is by the negative number. */
function writeOrderBySql(key: string, { by, isDescending }: JobOrder): string {
  const [first, last] = isDescending ? ['DESC', 'ASC'] : ['ASC', 'DESC'];
  return by === 'created' ? `ORDER BY ${key} ${last}` : `ORDER BY ${key} ${first}, number ${first}`;
}

/** Lists the states to read, each by itself; undefined where their order is that of the acceptance of all. */
function statesToReadSeparately({ states }: JobFilter, { by }: JobOrder): readonly JobState[] | undefined {
  if (by !== 'finished') return states ?? (by === 'updated' ? jobStates : undefined);
  const final: readonly JobState[] = finalStates;
  return states?.filter((state) => final.includes(state)) ?? final;
}

/** SQL of a list of states, and whether that is all of them. */
interface StatesSql {
  sql: string;
  isEvery: boolean;
}

/** Writes SQL of a list of states, with a parameter. */
function writeStatesSql(states: readonly JobState[], params: SqlParameters): StatesSql {
  return { sql: `${params.add(states)}::job_state[]`, isEvery: states.length === jobStates.length };
}

/** Makes SQL of jobs that meet conditions, the first of them merged from those of each state where states are named. */
function createSelectWriter(
  conditions: readonly string[],
  states: StatesSql | undefined,
  order: JobOrder,
): SelectWriter {
  const key = order.by === 'created' ? '(-number)' : 'changed_at';
  return (end, isUnordered) =>
    isUnordered
      ? unorderedJobsSql(conditions, states, key, end)
      : firstJobsSql(conditions, states, { key, order, end });
}

// The states are examined even if they are all of them: each parameter needs a type.
function unorderedJobsSql(
  conditions: readonly string[],
  states: StatesSql | undefined,
  key: string,
  end: string,
): string {
  const isNamed = states && (states.isEvery ? `${states.sql} IS NOT NULL` : `state = ANY(${states.sql})`);
  const all = isNamed ? [...conditions, isNamed] : conditions;
  const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  return `SELECT f.* FROM (SELECT number, ${key} AS at FROM jobs ${where} LIMIT ${end}) f`;
}

function firstJobsSql(
  conditions: readonly string[],
  states: StatesSql | undefined,
  { key, order, end }: { key: string; order: JobOrder; end: string },
): string {
  const all = states ? [...conditions, 'state = wanted.state'] : conditions;
  const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  // All jobs have an index of their numbers alone; with states there is one of each state.
  const ordered =
    states || order.by !== 'created'
      ? writeOrderBySql(key, order)
      : `ORDER BY number ${order.isDescending ? 'DESC' : 'ASC'}`;
  const first = `SELECT number, ${key} AS at FROM jobs ${where} ${ordered} LIMIT ${end}`;
  return states
    ? `SELECT f.* FROM unnest(${states.sql}) AS wanted (state) CROSS JOIN LATERAL (${first}) f`
    : `SELECT f.* FROM (${first}) f`;
}

function createSelectWriterOfAll(filter: JobFilter, order: JobOrder, params: SqlParameters): SelectWriter {
  const { space, chart } = filter;
  const conditions = [
    ...(space === undefined ? [] : [`space = ${params.add(space)}`]),
    ...(chart === undefined ? [] : [`chart = ${params.add(chart)}`]),
  ];
  // The jobs of a space are indexed by their states.
  const states =
    statesToReadSeparately(filter, order) ??
    (space !== undefined && chart === undefined ? jobStates : undefined);
  return createSelectWriter(conditions, states && writeStatesSql(states, params), order);
}

function createSelectWriterOfVisible(
  scope: ReadScope,
  caller: Caller,
  filter: JobFilter,
  order: JobOrder,
  params: SqlParameters,
): SelectWriter {
  const scopeFrom = params.values.length + 1;
  for (const value of toScopeArrays(scope)) params.add(value);
  const space = filter.space === undefined ? undefined : params.add(filter.space);
  const chart = filter.chart === undefined ? [] : [`chart = ${params.add(filter.chart)}`];
  const states = writeStatesSql(statesToReadSeparately(filter, order) ?? jobStates, params);
  const spaces = `${inArrayScopeSql('s', scopeFrom)}${space === undefined ? '' : ` AND s.name = ${space}`}`;
  // A space that was made again under its name has none of the jobs of the former one. PostgreSQL does not know that one
  // follows from the other. With a plain comparison it expects next to no jobs. Then it sorts all of a space instead of
  // reading its newest ones in the order of the index.
  const sameSpace = 'CASE WHEN space_id = s.id THEN true ELSE false END';
  const inSpace = ['space = s.name', sameSpace, ...chart];
  const first = createSelectWriter(inSpace, states, order);
  const readable: SelectWriter = (end, isUnordered) =>
    `SELECT j.* FROM spaces s CROSS JOIN LATERAL (${first(end, isUnordered)}) j WHERE ${spaces}`;
  if (caller.kind !== 'principal') return readable;
  const own = [
    ...authorConditions(caller, params),
    ...(space === undefined ? [] : [`space = ${space}`]),
    ...chart,
  ];
  const firstOwn = createSelectWriter(own, states, order);
  return (end, isUnordered) =>
    `SELECT * FROM (${readable(end, isUnordered)} UNION ${firstOwn(end, isUnordered)}) AS visible`;
}

/** SQL of the jobs that an author made, as far as the bounds of its credential reach. */
function authorConditions({ principal, narrowing }: PrincipalCaller, params: SqlParameters): string[] {
  const conditions = [`author_id = ${params.add(principal.id)}`];
  if (narrowing?.spaceIds)
    conditions.push(`space_id = ANY(${params.add([...narrowing.spaceIds])}::bigint[])`);
  if (narrowing?.charts)
    conditions.push(`chart LIKE ANY(${params.add(narrowing.charts.map(toLikePattern))}::text[])`);
  return conditions;
}
