import { createSqlParameters, joinConditions } from '../db/sql-parameters.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Page, Paging } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import type { DetailsDeps, Order, VersionDetails } from './details.ts';
import { findVersionsInRange } from './find-versions-in-range.ts';
import { toVersionDetails, type VersionRow, versionColumns } from './version-row.ts';

/** Orders of versions, each with its columns; an index has each of them behind the chart. */
const columnsBySort = { version: ['sort_key', 'version'], created: ['created_at', 'id'] } as const;

/** Orders of a list of versions. */
export const versionSorts = ['version', 'created'] as const satisfies readonly (keyof typeof columnsBySort)[];

/** Filter and order of a list of versions. */
export interface VersionFilter {
  /** Part of the version, in any case. */
  q?: string | undefined;
  /** Range as Helm reads it. */
  range?: string | undefined;
  /** False leaves pre-releases out, true releases. */
  preRelease?: boolean | undefined;
  sort?: (typeof versionSorts)[number] | undefined;
  /** By default the latest come first. */
  order?: Order | undefined;
}

/** Row of a version; null on the one row of an empty page. */
type PageRow = VersionRow & { total: number; position: number | null };

/**
 * Lists the versions of a chart with what a row shows of each, without states.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`; `request.invalid` for a wrong range
 */
export async function listVersionDetails(
  { db, suggestible }: Omit<DetailsDeps, 'actor'>,
  { space, chart }: { space: string; chart: string },
  { q, range, preRelease, sort = 'version', order = 'desc' }: VersionFilter,
  { start, limit }: Paging,
): Promise<Page<VersionDetails>> {
  checkSpaceName(space);
  checkChartName(chart);
  const [found] = await db.query<{ id: number }>(
    `SELECT id FROM charts WHERE id = ${chartIdSql('$1', '$2')}`,
    [space, chart],
  );
  if (!found) throw await explainMissing(db, { space, chart }, suggestible);
  const ids = range === undefined ? undefined : await findVersionsInRange(db, found.id, range);
  const { values, add } = createSqlParameters();
  const chartId = `${add(found.id)}::bigint`;
  const conditions = [
    ids && `id = ANY ((SELECT ${add(ids)}::bigint[])::bigint[])`,
    q === undefined ? undefined : `strpos(lower(version), lower(${add(q)}::text)) > 0`,
    // The sort key of a release ends so.
    preRelease === undefined ? undefined : `right(sort_key, 1) ${preRelease ? '<>' : '='} '~'`,
  ].filter((condition) => condition !== undefined);
  const where = joinConditions([`chart_id = ${chartId}`, ...conditions]);
  // The count of a list that nothing narrows is kept already.
  const total =
    conditions.length === 0
      ? `SELECT coalesce((SELECT version_count FROM charts WHERE id = ${chartId}), 0) AS total`
      : `SELECT count(*) AS total FROM versions WHERE ${where}`;
  const direction = order === 'desc' ? 'DESC' : 'ASC';
  const rows = await db.query<PageRow>(
    `WITH page AS MATERIALIZED (
       SELECT id, row_number() OVER () AS position FROM (
         SELECT id FROM versions WHERE ${where}
          ORDER BY ${columnsBySort[sort].map((column) => `${column} ${direction}`).join(', ')}
         OFFSET ${add(start)} LIMIT ${add(limit)}) ordered
     )
     SELECT t.total, p.position, v.* FROM (${total}) t LEFT JOIN (page p CROSS JOIN LATERAL (
              SELECT ${versionColumns} FROM versions v WHERE v.id = p.id LIMIT 1
            ) v) ON true
      ORDER BY p.position`,
    values,
  );
  return {
    total: rows[0]?.total ?? 0,
    items: rows.flatMap(({ total: _, position, ...row }) =>
      position === null ? [] : [toVersionDetails({ space, chart }, row)],
    ),
  };
}
