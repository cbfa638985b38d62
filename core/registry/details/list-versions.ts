import { RegistryError } from '../../errors.ts';
import { isInRange, parseConstraint } from '../../semver/constraint.ts';
import { checkChartName, checkSpaceName } from '../names.ts';
import { explainMissing } from '../not-found.ts';
import type { Page, Paging, RegistryDeps } from '../registry.ts';
import { chartIdSql } from '../version-lookup.ts';
import { findDetailReader } from './reader.ts';
import {
  type DetailRow,
  detailColumns,
  detailParameters,
  toDetails,
  type VersionDetails,
} from './version-details.ts';

/** Orders of a list of versions. */
export const versionOrders = ['version', 'created'] as const;

/** Choice and order of a list of versions. */
export interface VersionFilter {
  sort: (typeof versionOrders)[number];
  order: 'asc' | 'desc';
  /** Range as Helm reads it. */
  range?: string | undefined;
  /** False leaves pre-releases out. */
  preRelease: boolean;
  /** Part of the version. */
  q?: string | undefined;
}

/**
 * Lists details of a chart's versions.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`, `request.invalid` for a range
 */
export async function listVersionDetails(
  registry: RegistryDeps,
  { space, chart }: { space: string; chart: string },
  filter: VersionFilter,
  paging: Paging,
): Promise<Page<VersionDetails>> {
  checkSpaceName(space);
  checkChartName(chart);
  if (filter.range !== undefined && !parseConstraint(filter.range)) throw rangeInvalid(filter.range);
  const { db, actor } = registry;
  const [found] = await db.query<{ id: number; total: number }>(
    `SELECT id, version_count AS total FROM charts WHERE id = ${chartIdSql('$1', '$2')}`,
    [space, chart],
  );
  if (!found) throw await explainMissing(db, { space, chart }, registry.suggestible);
  const chosen = needsNames(filter) ? await chooseVersions(registry, found.id, filter) : undefined;
  const page = chosen?.slice(paging.start, paging.start + paging.limit);
  const reader = await findDetailReader(actor);
  const rows = await db.query<DetailRow>(
    `SELECT ${detailColumns(reader, 6)}
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.chart_id = $1 ${page ? 'AND v.version = ANY ($2::text[])' : 'AND $2::text[] IS NULL'}
        AND ($5::boolean OR right(v.sort_key, 1) = '~')
      ORDER BY ${orderSql(filter)}
      OFFSET $3 LIMIT $4`,
    [
      found.id,
      page ?? null,
      page ? 0 : paging.start,
      paging.limit,
      filter.preRelease,
      ...detailParameters(reader),
    ],
  );
  return { total: chosen?.length ?? found.total, items: rows.map(toDetails) };
}

/** Whether versions are chosen by what SQL cannot tell from an index: their names are read first then. */
function needsNames({ range, q, preRelease }: VersionFilter): boolean {
  return range !== undefined || q !== undefined || !preRelease;
}

async function chooseVersions(
  { db }: Pick<RegistryDeps, 'db'>,
  chartId: number,
  filter: VersionFilter,
): Promise<string[]> {
  const rows = await db.query<{ version: string }>(
    `SELECT v.version FROM versions v WHERE v.chart_id = $1 AND ($2::boolean OR right(v.sort_key, 1) = '~')
      ORDER BY ${orderSql(filter)}`,
    [chartId, filter.preRelease],
  );
  const { range, q } = filter;
  return rows
    .map(({ version }) => version)
    .filter((version) => q === undefined || version.includes(q))
    .filter((version) => range === undefined || isInRange(range, version));
}

function orderSql({ sort, order }: VersionFilter): string {
  const columns = sort === 'version' ? ['v.sort_key', 'v.version'] : ['v.created_at', 'v.id'];
  return columns.map((column) => `${column} ${order === 'desc' ? 'DESC' : 'ASC'}`).join(', ');
}

function rangeInvalid(range: string): RegistryError {
  return new RegistryError(
    'request.invalid',
    `${JSON.stringify(range.slice(0, 200))} is not a range as Helm reads it, such as ^1.2 or >=1 <2.`,
    { parameter: 'range' },
  );
}
