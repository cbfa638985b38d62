import type { ReadScope } from '../access/decide.ts';
import { firstInScopeSql, inScopeSql, isUnbounded, scopeParameters } from '../access/read-scope.ts';
import { type ComposedPlace, placeColumns } from './cursor.ts';
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

/** Composed versions that one page looks at, at most, where the states that a reader sees are not those that are kept. */
export const maxExamined = 2_000;

/** Spaces that one page looks into, at most, where the reader may not read all. */
export const maxSpaces = 1_000;

/** Order of the lists. */
export const inOrder = 'ORDER BY space, chart, sort_key, version';

/** SQL of a list, and the first of its parameters. */
export interface ComposedSql {
  /** SELECT of the rows of `composed_states` that are looked at, in order. */
  examined: string;
  /** Condition on these rows, over the alias `e`. */
  matches: string;
  /** SELECT of the last space that is looked into; undefined where all are. */
  lastSpace: string | undefined;
  params: unknown[];
  /** Whether rows that are looked at may not match, so that their number is bounded. */
  isExamining: boolean;
}

/**
 * Writes the SQL of a list behind a place, for a reader.
 * Kept states may depend on sources that the reader may not read. Where they may, they choose nothing: the rows that are
 * looked at are the same whatever their states, and each counts as the reader sees it.
 */
export function writeComposedSql(
  { space, state, highestOnly }: ComposedFilter,
  scope: ReadScope,
  after: ComposedPlace | undefined,
): ComposedSql {
  const place = after ?? { space: '', chart: '', version: '' };
  const params: unknown[] = [...placeColumns(place), space ?? null, state ?? null, ...scopeParameters(scope)];
  const isFree = isUnbounded(scope);
  const conditions = [
    '(space, chart, sort_key, version) > ($1::text, $2::text, $3::text, $4::text)',
    ...(highestOnly ? ['highest'] : []),
    ...(isFree && state ? ['state = $6::text'] : []),
  ];
  const rowsOf = (where: string) =>
    `SELECT * FROM composed_states WHERE ${[...conditions, where].join(' AND ')} ${inOrder}`;
  const isExamining = !isFree && state !== undefined;
  const limit = isExamining ? `LIMIT ${maxExamined}` : '';
  const matches = isExamining ? `${visibleStateSql} = $6::text` : 'true';
  if (space !== undefined || isFree) {
    const examined = `${rowsOf(space === undefined ? 'true' : 'space = $5::text')} ${limit}`;
    return { examined, matches, lastSpace: undefined, params, isExamining };
  }
  const spaces = firstInScopeSql(7, { where: 'name >= $1::text', limit: String(maxSpaces) });
  return {
    examined: `SELECT e.* FROM ${spaces} AS readable CROSS JOIN LATERAL (${rowsOf('space = readable.name')} ${limit}) e
                ${inOrder} ${limit}`,
    matches,
    lastSpace: `SELECT name AS space FROM ${spaces} AS readable OFFSET ${maxSpaces - 1} LIMIT 1`,
    params,
    isExamining,
  };
}

const seenIn = (spaces: string) =>
  `EXISTS (SELECT FROM spaces s WHERE s.name = ANY(e.${spaces}) AND ${inScopeSql('s', 7)})`;

/** SQL of the state that a reader sees, by the sources that it may read. */
const visibleStateSql = `CASE WHEN ${seenIn('outdated_in')} THEN 'outdated' WHEN ${seenIn('newer_in')} THEN 'newer' ELSE 'current' END`;
