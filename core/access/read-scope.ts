import type { ReadScope } from './decide.ts';

/**
 * SQL that is true for the spaces of a read scope.
 * @param space alias of the table `spaces`
 * @param scope SQL of the scope as `toScopeParameter` writes it, such as `$3::jsonb`
 */
export function readableSql(space: string, scope: string): string {
  return `(${space}.visibility = 'public' OR (
    ((${scope} ->> 'all')::boolean
      OR ((${scope} ->> 'internal')::boolean AND ${space}.visibility = 'internal')
      OR ${scope} -> 'spaceIds' @> to_jsonb(${space}.id))
    AND (${scope} -> 'only' IS NULL OR ${scope} -> 'only' @> to_jsonb(${space}.id))))`;
}

/** Writes a scope as the parameter of a query. */
export function toScopeParameter(scope: ReadScope): string {
  return JSON.stringify(scope);
}
