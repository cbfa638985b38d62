import type { ReadScope } from './decide.ts';
import type { Visibility } from './rights.ts';

/**
 * SQL that is true for the spaces of a read scope.
 * @param space alias of the table `spaces`
 * @param scope SQL of the scope as `toScopeJson` writes it, such as `$3::jsonb`
 */
export function inJsonScopeSql(space: string, scope: string): string {
  return `(${space}.visibility = 'public' OR (
    ((${scope} ->> 'all')::boolean
      OR ((${scope} ->> 'internal')::boolean AND ${space}.visibility = 'internal')
      OR ${scope} -> 'spaceIds' @> to_jsonb(${space}.id))
    AND (${scope} -> 'only' IS NULL OR ${scope} -> 'only' @> to_jsonb(${space}.id))))`;
}

/** Writes a scope as the parameter of a query. */
export function toScopeJson(scope: ReadScope): string {
  return JSON.stringify(scope);
}

/** Whether a scope has every space, so that a query needs no condition. */
export function isUnboundedScope({ all, only }: ReadScope): boolean {
  return all && only === undefined;
}

/** Parameters by which a large list is filtered: visibilities, ids, and ids of spaces that are read while internal. */
export type ScopeArrays = [Visibility[], number[], number[]];

/** Writes a scope as three parameters, by which PostgreSQL finds the spaces in its indexes. */
export function toScopeArrays({ all, internal, spaceIds, only }: ReadScope): ScopeArrays {
  if (only === undefined) {
    const seen: Visibility[] = all
      ? ['public', 'internal', 'private']
      : internal
        ? ['public', 'internal']
        : ['public'];
    return [seen, [...spaceIds], []];
  }
  const own = new Set(spaceIds);
  return [['public'], all ? [...only] : only.filter((id) => own.has(id)), internal ? [...only] : []];
}

/**
 * SQL that is true for spaces of a read scope. The condition serves queries over many spaces.
 * @param space alias of the table `spaces`
 * @param first number of the first of the `toScopeArrays`
 */
export function inArrayScopeSql(space: string, first: number): string {
  return `(${space}.visibility = ANY($${first}::space_visibility[]) OR ${inListedSpacesSql(space, first)})`;
}

function inListedSpacesSql(space: string, first: number): string {
  return `(${space}.id = ANY($${first + 1}::bigint[])
    OR ${space}.id = ANY($${first + 2}::bigint[]) AND ${space}.visibility = 'internal')`;
}

/**
 * SQL of the first spaces of a read scope, by name: `id` and `name`. The query reads no other spaces.
 * @param where condition on the column `name`
 * @param limit SQL of the number of rows
 */
export function firstSpacesInScopeSql(
  first: number,
  { where = 'true', order = 'ASC', limit }: { where?: string; order?: 'ASC' | 'DESC'; limit: string },
): string {
  const end = `ORDER BY name ${order} LIMIT ${limit}`;
  return `(SELECT id, name FROM (
     SELECT n.* FROM unnest($${first}::space_visibility[]) AS seen (visibility) CROSS JOIN LATERAL (
       SELECT id, name FROM spaces WHERE visibility = seen.visibility AND ${where} ${end}
     ) n
     UNION ALL
     (SELECT s.id, s.name FROM spaces s
       WHERE ${inListedSpacesSql('s', first)} AND s.visibility <> ALL($${first}::space_visibility[]) AND ${where} ${end})
   ) AS readable ${end})`;
}
