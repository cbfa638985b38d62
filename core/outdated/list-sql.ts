import type { ReadScope } from '../access/decide.ts';
import {
  firstSpacesInScopeSql,
  inArrayScopeSql,
  isUnboundedScope,
  toScopeArrays,
} from '../access/read-scope.ts';
import { type ComposedCursor, cursorColumnValues } from './cursor.ts';
import type { ComposedState } from './source-state.ts';

/** Composed versions of a list. */
export interface ComposedFilter {
  /** The only space; the caller has checked the right to it. */
  space?: string | undefined;
  /** The only state; all without. */
  state?: ComposedState | undefined;
  /** Whether only the highest composed version of each chart counts. */
  highestOnly: boolean;
}

/** Composed versions that one page examines, at most, where the states that a reader sees are not those that are kept. */
export const maxExamined = 2_000;

/** Spaces that one page looks into, at most, where the reader may not read all. */
export const maxSpaces = 1_000;

/** Order of the lists. */
export const composedOrderSql = 'ORDER BY space, chart, sort_key, version';

/** SQL with its parameters. */
interface SqlWithParams {
  sql: string;
  params: unknown[];
}

/** SQL of a list of composed versions, in parts that the lister puts together. */
export interface ComposedListSql {
  /** SELECT of the rows of `composed_states` that are examined, in order. */
  examined: SqlWithParams;
  /** Condition on these rows, over the alias `e`; its parameters follow those. */
  matches: SqlWithParams;
  /** SELECT of the last space that is looked into; absent where all are. */
  lastSpace?: SqlWithParams;
  /** Whether rows that are examined may not match; otherwise they are the page. */
  isExamining: boolean;
}

/**
 * Writes the SQL of a list after a cursor, for a reader. Kept states may depend on sources that the reader may not
 * read. Where they may, they choose nothing: the rows that are examined are the same whatever their states, and each
 * counts as the reader sees it.
 */
export function writeComposedSql(
  { space, state, highestOnly }: ComposedFilter,
  scope: ReadScope,
  {
    limit,
    after = { space: '', chart: '', version: '' },
  }: { limit: number; after?: ComposedCursor | undefined },
): ComposedListSql {
  const params: unknown[] = cursorColumnValues(after);
  const add = (...values: unknown[]) => params.push(...values) - values.length + 1;
  const conditions = ['(space, chart, sort_key, version) > ($1::text, $2::text, $3::text, $4::text)'];
  if (highestOnly) conditions.push('highest');
  const isExamining = state !== undefined && !isUnboundedScope(scope);
  const maxRows = isExamining ? maxExamined : limit;
  const rows = () =>
    `SELECT * FROM composed_states WHERE ${conditions.join(' AND ')} ${composedOrderSql} LIMIT ${maxRows}`;
  if (isUnboundedScope(scope)) {
    if (space !== undefined) conditions.push(`space = $${add(space)}::text`);
    if (state !== undefined) conditions.push(`state = $${add(state)}::text`);
    return { examined: { sql: rows(), params }, matches: matchAllSql, isExamining };
  }
  const matching = () => (isExamining ? visibleStateCondition(state, scope, params.length + 1) : matchAllSql);
  if (space !== undefined) {
    conditions.push(`space = $${add(space)}::text`);
    const examined = { sql: rows(), params };
    return { examined, matches: matching(), isExamining };
  }
  const readable = (first: number, start: string) =>
    `${firstSpacesInScopeSql(first, { where: `name >= ${start}`, limit: String(maxSpaces) })} AS readable`;
  conditions.push('space = readable.name');
  const first = add(...toScopeArrays(scope));
  return {
    examined: {
      sql: `SELECT e.* FROM ${readable(first, '$1::text')} CROSS JOIN LATERAL (${rows()}) e
             ORDER BY readable.name, chart, sort_key, version LIMIT ${maxRows}`,
      params,
    },
    matches: matching(),
    lastSpace: {
      sql: `SELECT name AS space FROM ${readable(2, '$1::text')} ORDER BY name OFFSET ${maxSpaces - 1} LIMIT 1`,
      params: [after.space, ...toScopeArrays(scope)],
    },
    isExamining,
  };
}

const matchAllSql: SqlWithParams = { sql: 'true', params: [] };

/** Writes the condition on the state that a reader sees, by the sources that it may read. */
function visibleStateCondition(state: ComposedState, scope: ReadScope, first: number): SqlWithParams {
  return {
    sql: `${visibleStateSql(first)} = $${first + 3}::text`,
    params: [...toScopeArrays(scope), state],
  };
}

/**
 * Writes SQL of the state that a reader sees, by its readable sources. The SQL reads the row `e` of
 * `composed_states`.
 * @param first number of the first of the `toScopeArrays`
 */
export function visibleStateSql(first: number): string {
  const seenIn = (spaces: string) =>
    `EXISTS (SELECT FROM spaces s WHERE s.name = ANY(e.${spaces}) AND ${inArrayScopeSql('s', first)})`;
  return `CASE WHEN ${seenIn('outdated_in')} THEN 'outdated' WHEN ${seenIn('newer_in')} THEN 'newer' ELSE 'current' END`;
}
