import { inScopeSql, isUnbounded, scopeParameters } from '../../access/read-scope.ts';
import type { Visibility } from '../../access/rights.ts';
import type { Overwriting, Page, Paging, RegistryDeps } from '../registry.ts';

/** Orders of a list of spaces. */
export const spaceOrders = ['name', 'changed', 'created', 'charts', 'versions'] as const;

/** Choice and order of a list of spaces. */
export interface SpaceFilter {
  sort: (typeof spaceOrders)[number];
  order: 'asc' | 'desc';
  /** Part of the name, in any case. */
  q?: string | undefined;
}

/** Row of a list of spaces. */
export interface SpaceDetails {
  name: string;
  overwriting: Overwriting;
  /** Readers of the space; absent where access is open, for everybody reads everything there. */
  visibility?: Visibility;
  /** Number of charts. */
  charts: number;
  /** Number of versions of all charts. */
  versions: number;
  createdAt: Date;
  /** When anything in the space last changed. */
  changedAt: Date;
}

const columns = {
  name: 's.name',
  changed: 's.changed_at',
  created: 's.created_at',
  charts: 's.chart_count',
  versions: 's.version_count',
} as const;

/** Lists details of the spaces that the actor may read. */
export async function listSpaceDetails(
  { db, actor }: Pick<RegistryDeps, 'db' | 'actor'>,
  { sort, order, q }: SpaceFilter,
  paging: Paging,
): Promise<Page<SpaceDetails>> {
  const scope = await actor.scope();
  const bounds = isUnbounded(scope) ? [] : scopeParameters(scope);
  const where = `($1::text IS NULL OR strpos(lower(s.name), $1) > 0) AND ${bounds.length > 0 ? inScopeSql('s', 4) : 'true'}`;
  const parameters = [q?.toLowerCase() ?? null, paging.start, paging.limit, ...bounds];
  const rows = await db.query<SpaceDetails & { total: number }>(
    `SELECT count(*) OVER () AS total, s.name, s.overwriting, ${actor.guarded ? 's.visibility,' : ''}
            s.chart_count AS charts, s.version_count AS versions, s.created_at AS "createdAt", s.changed_at AS "changedAt"
       FROM spaces s WHERE ${where}
      ORDER BY ${columns[sort]} ${order}, s.name OFFSET $2 LIMIT $3`,
    parameters,
  );
  const items = rows.map(({ total: _total, ...details }) => details);
  if (rows[0]) return { total: rows[0].total, items };
  const [counted] = await db.query<{ total: number }>(
    `SELECT count(*) AS total FROM spaces s WHERE ${where} AND $2::bigint >= 0 AND $3::bigint >= 0`,
    parameters,
  );
  return { total: counted?.total ?? 0, items };
}
