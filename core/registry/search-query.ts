import type { ReadScope } from '../access/decide.ts';
import { inArrayScopeSql, isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import type { SqlParameters } from '../db/sql-parameters.ts';

/** Kinds of order of found charts. */
export const searchSorts = ['relevance', 'name', 'updated'] as const;

/** Fields of the latest version whose values a search counts, and by which it is narrowed. */
export const facetNames = ['space', 'keyword', 'type', 'deprecated', 'signed'] as const;

/** Field by which a search is narrowed. */
export type FacetName = (typeof facetNames)[number];

/** Search for charts; without a text for all of them. */
export interface ChartQuery {
  text?: string | undefined;
  space?: string | undefined;
  keyword?: string | undefined;
  type?: string | undefined;
  deprecated?: boolean | undefined;
  signed?: boolean | undefined;
  /** Only charts of which a version was stored after this time. */
  since?: Date | undefined;
  sort?: (typeof searchSorts)[number] | undefined;
  /** By default the best first, the first name first, the newest first. */
  order?: 'asc' | 'desc' | undefined;
  /** Whether the values of the fields are counted. */
  facets?: boolean | undefined;
}

/**
 * Writes SQL that is true for rows of search tables in a scope of spaces. Undefined stands for all rows.
 * @param options.once whether the names are read once, for a condition that is tested for many words
 */
export function searchScopeSql(
  { values, add }: SqlParameters,
  scope: ReadScope,
  { once = false } = {},
): string | undefined {
  if (isUnboundedScope(scope)) return undefined;
  const first = values.length + 1;
  for (const value of toScopeArrays(scope)) add(value);
  const names = `SELECT s.name FROM spaces s WHERE ${inArrayScopeSql('s', first)}`;
  return once ? `space = ANY (ARRAY(${names}))` : `space IN (${names})`;
}

/** Writes SQL that finds the values of the chosen fields in the index. */
export function writeFilters(
  parameters: SqlParameters,
  query: ChartQuery,
  spaceId: number | undefined,
): string[] {
  const { keyword, type, deprecated, signed } = query;
  const fields = Object.entries({ keyword, type, deprecated, signed }).flatMap(([field, value]) =>
    value === undefined ? [] : [`search_field('${field}', ${parameters.add(String(value))}::text)`],
  );
  return [
    ...(spaceId === undefined ? [] : [`document @@ ${parameters.add(`'/${spaceId}'`)}::tsquery`]),
    ...fields.map((field) => `document @@ ${field}`),
  ];
}

/** Writes SQL that tells, for each chosen field, whether a row has the value. */
export function writeFacetTests({ add }: SqlParameters, query: ChartQuery): Map<FacetName, string> {
  const tests: Record<FacetName, (value: string) => string> = {
    space: (value) => `space = ${value}::text`,
    keyword: (value) => `keywords @> ARRAY[lower(${value}::text)]`,
    type: (value) => `lower(type) = lower(${value}::text)`,
    deprecated: (value) => `deprecated = ${value}::boolean`,
    signed: (value) => `signed = ${value}::boolean`,
  };
  return new Map(
    facetNames.flatMap((name) => {
      const value = query[name];
      return value === undefined ? [] : [[name, tests[name](add(value))]];
    }),
  );
}
