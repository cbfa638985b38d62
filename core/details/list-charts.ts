import { createSqlParameters, joinConditions, type SqlParameters } from '../db/sql-parameters.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import type { ChartDetails, DetailsDeps, Order } from './details.ts';
import { isChartSignedSql } from './signed-sql.ts';
import { toVersionDetails, type VersionRow, versionColumns } from './version-row.ts';

/** Orders of charts, each with its columns; an index has each of them behind the space. */
const columnsBySort = {
  name: ['name'],
  updated: ['updated_at', 'name'],
  created: ['created_at', 'name'],
  versions: ['versions', 'name'],
} as const;

/** Orders of a list of charts. */
export const chartSorts = [
  'name',
  'updated',
  'created',
  'versions',
] as const satisfies readonly (keyof typeof columnsBySort)[];

/** Filter and order of a list of charts. All but name and times is that of the latest version. */
export interface ChartFilter {
  /** Part of the name, in any case. */
  q?: string | undefined;
  keyword?: string | undefined;
  type?: string | undefined;
  deprecated?: boolean | undefined;
  signed?: boolean | undefined;
  /** Only charts of which a version was stored after this time. */
  since?: Date | undefined;
  sort?: (typeof chartSorts)[number] | undefined;
  order?: Order | undefined;
}

/** Row of a chart; null on the one row of an empty page. */
type ChartRow = VersionRow & {
  total: number;
  name: string | null;
  versions: number;
  firstCreatedAt: Date;
  lastUpdatedAt: Date;
};

/**
 * Lists the charts of a space with what a row shows of each, without states.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listChartDetails(
  { db, suggestible }: Omit<DetailsDeps, 'actor'>,
  space: string,
  filter: ChartFilter,
  { start, limit }: Paging,
): Promise<Page<ChartDetails>> {
  checkSpaceName(space);
  const id = await findSpaceId(db, space);
  if (id === undefined) throw await explainMissing(db, { space }, suggestible);
  const parameters = createSqlParameters();
  const spaceId = `${parameters.add(id)}::bigint`;
  const conditions = writeConditions(parameters, filter, spaceId);
  const where = joinConditions([`d.space_id = ${spaceId}`, ...conditions]);
  // The count of a list that nothing narrows is kept already.
  const total =
    conditions.length === 0
      ? `SELECT coalesce((SELECT chart_count FROM spaces WHERE id = ${spaceId}), 0) AS total`
      : `SELECT count(*) AS total FROM chart_details d WHERE ${where}`;
  const { sort = 'name', order = 'asc' } = filter;
  const direction = order === 'desc' ? 'DESC' : 'ASC';
  const rows = await db.query<ChartRow>(
    `WITH page AS MATERIALIZED (
       SELECT *, row_number() OVER () AS position FROM (
         SELECT d.latest_id, d.name, d.versions, d.created_at, d.updated_at FROM chart_details d WHERE ${where}
          ORDER BY ${columnsBySort[sort].map((column) => `d.${column} ${direction}`).join(', ')}
         OFFSET ${parameters.add(start)} LIMIT ${parameters.add(limit)}) ordered
     )
     SELECT t.total, p.name, p.versions, p.created_at AS "firstCreatedAt", p.updated_at AS "lastUpdatedAt", v.*
       FROM (${total}) t LEFT JOIN (page p CROSS JOIN LATERAL (
              SELECT ${versionColumns} FROM versions v WHERE v.id = p.latest_id LIMIT 1
            ) v) ON true
      ORDER BY p.position`,
    parameters.values,
  );
  return {
    total: rows[0]?.total ?? 0,
    items: rows.flatMap(({ name, versions, firstCreatedAt, lastUpdatedAt, total: _, ...row }) =>
      name === null
        ? []
        : [
            {
              space,
              name,
              latest: toVersionDetails({ space, chart: name }, row),
              versions,
              firstCreatedAt: firstCreatedAt.toISOString(),
              updatedAt: lastUpdatedAt.toISOString(),
            },
          ],
    ),
  };
}

function writeConditions(
  { add }: SqlParameters,
  { q, keyword, type, deprecated, signed, since }: ChartFilter,
  spaceId: string,
): string[] {
  return [
    q === undefined ? [] : `strpos(lower(d.name), lower(${add(q)}::text)) > 0`,
    keyword === undefined
      ? []
      : `EXISTS (SELECT FROM unnest(d.keywords) word WHERE lower(word) = lower(${add(keyword)}::text))`,
    type === undefined ? [] : `lower(d.type) = lower(${add(type)}::text)`,
    deprecated === undefined ? [] : `d.deprecated = ${add(deprecated)}::boolean`,
    signed === undefined ? [] : `${isChartSignedSql(spaceId)} = ${add(signed)}::boolean`,
    since === undefined ? [] : `d.updated_at > ${add(since.toISOString())}::timestamptz`,
  ].flat();
}
