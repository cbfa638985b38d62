import { checkSpaceName } from '../names.ts';
import { explainMissing } from '../not-found.ts';
import type { Page, Paging, RegistryDeps } from '../registry.ts';
import { findSpace } from '../space-rows.ts';
import { findDetailReader } from './reader.ts';
import {
  type DetailRow,
  detailColumns,
  detailParameters,
  isDeprecatedSql,
  toDetails,
  type VersionDetails,
} from './version-details.ts';

/** Orders of a list of charts. */
export const chartOrders = ['name', 'updated', 'created', 'versions'] as const;

/** Choice and order of a list of charts; what is absent chooses nothing. */
export interface ChartFilter {
  sort: (typeof chartOrders)[number];
  order: 'asc' | 'desc';
  /** Part of the name or of the description, in any case. */
  q?: string | undefined;
  keyword?: string | undefined;
  type?: 'application' | 'library' | undefined;
  deprecated?: boolean | undefined;
  signed?: boolean | undefined;
  /** The latest version was updated then or later. */
  since?: Date | undefined;
}

/** Row of a list of charts. */
export interface ChartDetails {
  space: string;
  name: string;
  latest: VersionDetails;
  /** Number of versions. */
  versions: number;
  createdAt: Date;
  updatedAt: Date;
}

type ChartRow = DetailRow & { total: number; count: number; chartCreatedAt: Date };

/**
 * Lists details of a space's charts, each with its latest version.
 * By name and without a choice, the cost is that of the page. Any other list looks at the latest version of each chart of
 * the space.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listChartDetails(
  registry: RegistryDeps,
  space: string,
  filter: ChartFilter,
  paging: Paging,
): Promise<Page<ChartDetails>> {
  checkSpaceName(space);
  const spaceId = await findSpace(registry.db, space);
  if (spaceId === undefined) throw await explainMissing(registry.db, { space }, registry.suggestible);
  const reader = await findDetailReader(registry.actor);
  const statement = isPlain(filter) ? plainStatement : chosenStatement;
  const page = [spaceId, paging.start, paging.limit];
  const chosen = isPlain(filter) ? [] : filterParameters(filter);
  const rows = await registry.db.query<ChartRow>(
    statement(filter, detailColumns(reader, page.length + chosen.length + 1)),
    [...page, ...chosen, ...detailParameters(reader)],
  );
  const total = rows[0]?.total ?? (await countCharts(registry, spaceId, filter));
  return { total, items: rows.map(toChart) };
}

function toChart({ total: _total, count, chartCreatedAt, ...row }: ChartRow): ChartDetails {
  const latest = toDetails(row);
  const { space, chart: name, updatedAt } = latest;
  return { space, name, latest, versions: count, createdAt: chartCreatedAt, updatedAt };
}

function isPlain({ sort, order: _order, ...choice }: ChartFilter): boolean {
  return sort === 'name' && Object.values(choice).every((value) => value === undefined);
}

const latestSql = `
  CROSS JOIN LATERAL (SELECT * FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC, version DESC LIMIT 1) v`;
const firstSql = '(SELECT min(created_at) FROM versions WHERE chart_id = c.id)';

/** Writes the SQL of a page by name: the charts of the page are found first, and their versions after. */
function plainStatement({ order }: ChartFilter, columns: string): string {
  return `
    SELECT s.chart_count AS total, c.version_count AS count, ${firstSql} AS "chartCreatedAt", ${columns}
      FROM (SELECT * FROM charts WHERE space_id = $1 ORDER BY name ${order} OFFSET $2 LIMIT $3) c
           JOIN spaces s ON s.id = c.space_id ${latestSql}
     ORDER BY c.name ${order}`;
}

/** Writes the SQL of a page that is chosen or ordered by the latest versions. */
function chosenStatement({ sort, order }: ChartFilter, columns: string): string {
  const by = { name: 'c.name', updated: 'v.updated_at', created: firstSql, versions: 'c.version_count' }[
    sort
  ];
  return `
    SELECT count(*) OVER () AS total, c.version_count AS count, ${firstSql} AS "chartCreatedAt", ${columns}
      FROM charts c JOIN spaces s ON s.id = c.space_id ${latestSql}
     WHERE c.space_id = $1 AND ${choiceSql}
     ORDER BY ${by} ${order}, c.name OFFSET $2 LIMIT $3`;
}

const choiceSql = `
  ($4::text IS NULL OR strpos(lower(c.name), $4) > 0 OR strpos(lower(v.metadata ->> 'description'), $4) > 0)
  AND ($5::text IS NULL OR v.metadata -> 'keywords' @> to_jsonb($5::text))
  AND ($6::text IS NULL OR (v.metadata ->> 'type' = 'library') = ($6 = 'library') OR v.metadata ->> 'type' IS NULL AND $6 <> 'library')
  AND ($7::boolean IS NULL OR ${isDeprecatedSql} = $7)
  AND ($8::boolean IS NULL OR (v.provenance IS NOT NULL) = $8)
  AND ($9::timestamptz IS NULL OR v.updated_at >= $9)`;

function filterParameters({ q, keyword, type, deprecated, signed, since }: ChartFilter): unknown[] {
  return [
    q?.toLowerCase() ?? null,
    keyword ?? null,
    type ?? null,
    deprecated ?? null,
    signed ?? null,
    since ?? null,
  ];
}

/** Counts the charts of a list whose page is past its end. */
async function countCharts(
  { db }: Pick<RegistryDeps, 'db'>,
  spaceId: number,
  filter: ChartFilter,
): Promise<number> {
  const [row] = isPlain(filter)
    ? await db.query<{ total: number }>('SELECT chart_count AS total FROM spaces WHERE id = $1', [spaceId])
    : await db.query<{ total: number }>(
        `SELECT count(*) AS total FROM charts c ${latestSql} WHERE c.space_id = $1 AND $2::int IS NULL AND $3::int IS NULL AND ${choiceSql}`,
        [spaceId, null, null, ...filterParameters(filter)],
      );
  return row?.total ?? 0;
}
