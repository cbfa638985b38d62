import { isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import { visibleStateSql } from '../outdated/list-sql.ts';
import type { ComposedState } from '../outdated/source-state.ts';
import type { VersionRef } from '../registry/registry.ts';
import { parseVersion, sortKey } from '../semver/version.ts';
import type { DetailsDeps } from './details.ts';

/**
 * Reads the kept states of composed versions. The actor gets those whose sources it may read.
 * @returns states in the order of the versions; undefined where none is kept yet
 */
export async function readComposedStates(
  { db, actor }: Pick<DetailsDeps, 'db' | 'actor'>,
  versions: readonly VersionRef[],
): Promise<(ComposedState | undefined)[]> {
  const scope = await actor.scope();
  const [state, more] = isUnboundedScope(scope)
    ? ['e.state', []]
    : [visibleStateSql(5), toScopeArrays(scope)];
  // A version that was deleted and stored anew may have a row of each for some seconds: the newer counts.
  const rows = await db.query<{ state: ComposedState | null }>(
    `SELECT (SELECT ${state} FROM composed_states e
              WHERE e.space = r.space AND e.chart = r.chart AND e.sort_key = r.sort_key AND e.version = r.version
              ORDER BY e.version_id DESC LIMIT 1) AS state
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]))
            WITH ORDINALITY AS r (space, chart, sort_key, version, position)
      ORDER BY r.position`,
    [
      versions.map(({ space }) => space),
      versions.map(({ chart }) => chart),
      versions.map(({ version }) => sortKeyOf(version)),
      versions.map(({ version }) => version),
      ...more,
    ],
  );
  return rows.map((row) => row.state ?? undefined);
}

function sortKeyOf(version: string): string {
  const parsed = parseVersion(version);
  return parsed ? sortKey(parsed) : '';
}
