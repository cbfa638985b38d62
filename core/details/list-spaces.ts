import { roleInSpace } from '../access/decide.ts';
import { inArrayScopeSql, toScopeArrays } from '../access/read-scope.ts';
import type { Visibility } from '../access/rights.ts';
import { createSqlParameters, joinConditions } from '../db/sql-parameters.ts';
import { isSpaceMember, quotaColumnSql, type SpaceQuota } from '../quotas/usage.ts';
import type { Overwriting, Page, Paging } from '../registry/registry.ts';
import { isMirrorSql } from '../registry/space-rows.ts';
import type { DetailsDeps, Order, SpaceDetails } from './details.ts';

/** Orders of spaces, each with its columns. */
const columnsBySort = {
  name: ['name'],
  changed: ['changed_at', 'name'],
  charts: ['chart_count', 'name'],
  versions: ['version_count', 'name'],
} as const;

/** Orders of a list of spaces. */
export const spaceSorts = [
  'name',
  'changed',
  'charts',
  'versions',
] as const satisfies readonly (keyof typeof columnsBySort)[];

/** Filter and order of a list of spaces. */
export interface SpaceFilter {
  /** Part of the name, in any case. */
  q?: string | undefined;
  sort?: (typeof spaceSorts)[number] | undefined;
  order?: Order | undefined;
}

/** Row of a space; the id is null on the one row of an empty page. */
interface SpaceRow {
  total: number;
  id: number | null;
  name: string;
  overwriting: Overwriting;
  visibility: Visibility;
  charts: number;
  versions: number;
  bytes: number;
  isMirror: boolean;
  quota: SpaceQuota;
  createdAt: Date;
  changedAt: Date;
}

/**
 * Lists the spaces that the actor may read, with what a row shows of each.
 * The rows of all of them are read, since they are counted. So no order has an index but the one by name: any other would
 * have a new entry for each write below the space.
 */
export async function listSpaceDetails(
  { db, actor }: Pick<DetailsDeps, 'db' | 'actor'>,
  { q, sort = 'name', order = 'asc' }: SpaceFilter,
  paging: Paging,
): Promise<Page<SpaceDetails>> {
  const [scope, subject] = await Promise.all([actor.scope(), actor.subject()]);
  const { values, add } = createSqlParameters();
  for (const value of toScopeArrays(scope)) add(value);
  const where = joinConditions([
    inArrayScopeSql('s', 1),
    q === undefined ? undefined : `strpos(lower(s.name), lower(${add(q)}::text)) > 0`,
  ]);
  const direction = order === 'desc' ? 'DESC' : 'ASC';
  const rows = await db.query<SpaceRow>(
    `SELECT (SELECT count(*) FROM spaces s WHERE ${where}) AS total, p.*
       FROM (SELECT 1) one LEFT JOIN (
         SELECT id, name, overwriting, visibility, chart_count AS charts, version_count AS versions, bytes,
                ${isMirrorSql('ordered')} AS "isMirror", ${quotaColumnSql('ordered')},
                created_at AS "createdAt", changed_at AS "changedAt", row_number() OVER () AS position
           FROM (SELECT * FROM spaces s WHERE ${where}
                  ORDER BY ${columnsBySort[sort].map((column) => `${column} ${direction}`).join(', ')}
                 OFFSET ${add(paging.start)} LIMIT ${add(paging.limit)}) ordered
       ) p ON true ORDER BY p.position`,
    values,
  );
  const toDetails = ({ name, overwriting, visibility, ...row }: SpaceRow, id: number): SpaceDetails => {
    const role = actor.guarded ? roleInSpace(subject, { id, visibility }) : undefined;
    return {
      name,
      overwriting,
      ...(actor.guarded ? { visibility } : {}),
      charts: row.charts,
      versions: row.versions,
      bytes: row.bytes,
      createdAt: row.createdAt.toISOString(),
      changedAt: row.changedAt.toISOString(),
      ...(row.isMirror ? { mirror: row.isMirror } : {}),
      ...(role === undefined ? {} : { role }),
      ...(isSpaceMember(subject, id) ? { quota: row.quota } : {}),
    };
  };
  return {
    total: rows[0]?.total ?? 0,
    items: rows.flatMap((row) => (row.id === null ? [] : [toDetails(row, row.id)])),
  };
}
