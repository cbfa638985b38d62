import type { ReadScope } from '../access/decide.ts';
import { firstSpacesInScopeSql, isUnboundedScope, toScopeArrays } from '../access/read-scope.ts';
import type { Queryable } from '../db/port.ts';
import { findNearestName } from '../runtime/nearest-name.ts';
import type { Bounds } from '../semver/bounds.ts';

/** Names compared with a misspelt one: so many before it, after it, and from the beginning of the list. */
const maxNeighbours = 200;

/**
 * Finds the space whose name is most similar to a misspelt name.
 * The query reads a bounded number of names: the neighbours in order, and the first ones.
 * @param scope bounds of the spaces that may be named
 */
export async function findNearestSpace(
  db: Queryable,
  name: string,
  scope: ReadScope,
): Promise<string | undefined> {
  if (isUnboundedScope(scope)) return findNearest(db, name, 'spaces n WHERE true', []);
  const first = (where: string, order: 'ASC' | 'DESC') =>
    `SELECT name FROM ${firstSpacesInScopeSql(3, { where, order, limit: '$2' })} AS first`;
  const rows = await db.query<{ name: string }>(
    `${first('name < $1', 'DESC')} UNION ${first('name > $1', 'ASC')} UNION ${first('true', 'ASC')}`,
    [name, maxNeighbours, ...toScopeArrays(scope)],
  );
  return nearestOf(name, rows);
}

/** Finds the chart of a space whose name is most similar to a misspelt one. See {@link findNearestSpace}. */
export function findNearestChart(db: Queryable, space: string, name: string): Promise<string | undefined> {
  const from = 'charts n JOIN spaces s ON s.id = n.space_id WHERE s.name = $3';
  return findNearest(db, name, from, [space]);
}

async function findNearest(
  db: Queryable,
  name: string,
  from: string,
  params: readonly string[],
): Promise<string | undefined> {
  const rows = await db.query<{ name: string }>(
    `(SELECT n.name FROM ${from} AND n.name < $1 ORDER BY n.name DESC LIMIT $2)
     UNION (SELECT n.name FROM ${from} AND n.name > $1 ORDER BY n.name LIMIT $2)
     UNION (SELECT n.name FROM ${from} ORDER BY n.name LIMIT $2)`,
    [name, maxNeighbours, ...params],
  );
  return nearestOf(name, rows);
}

function nearestOf(name: string, rows: readonly { name: string }[]): string | undefined {
  return findNearestName(name, rows.map((row) => row.name).sort());
}

/**
 * Finds the versions of a chart nearest to bounds. Such versions are the highest within, the next below, the next
 * above.
 * @param bounds of a range, or the sort key of a version as both ends
 * @returns at most three versions, ascending; none when the chart does not exist
 */
export async function findNearestVersions(
  db: Queryable,
  { space, chart }: { space: string; chart: string },
  { from = '', to = '~' }: Bounds,
): Promise<string[]> {
  const rows = await db.query<{ version: string }>(
    `WITH wanted AS (
       SELECT c.id FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $2
     ), nearest AS (
       (SELECT sort_key, version FROM versions WHERE chart_id = (SELECT id FROM wanted) AND sort_key < $3
         ORDER BY sort_key DESC, version DESC LIMIT 1)
       UNION ALL
       (SELECT sort_key, version FROM versions
         WHERE chart_id = (SELECT id FROM wanted) AND sort_key >= $3 AND sort_key <= $4
         ORDER BY sort_key DESC, version DESC LIMIT 1)
       UNION ALL
       (SELECT sort_key, version FROM versions WHERE chart_id = (SELECT id FROM wanted) AND sort_key > $4
         ORDER BY sort_key, version LIMIT 1)
     )
     SELECT version FROM nearest ORDER BY sort_key, version`,
    [space, chart, from, to],
  );
  return rows.map(({ version }) => version);
}
