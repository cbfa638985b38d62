import { type BoundedRow, toPage, writeBoundedPageSql } from './bounded-page.ts';
import { checkChartName, checkSpaceName, checkVersionRef } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Page, Paging, RegistryDeps, VersionRef } from './registry.ts';
import { versionIdSql } from './version-lookup.ts';

/** JSON as PostgreSQL writes it. Responses contain it unparsed: parsing costs time, and digits of large numbers. */
export type JsonText = string;

/**
 * Lists the metadata of every version in a space. The order is by chart name, then ascending by SemVer precedence. A
 * page has at most `maxPageBytes`, so it may have fewer items than `paging.limit`.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listSpaceMetadata(
  registry: Pick<RegistryDeps, 'db' | 'suggestible'>,
  space: string,
  paging: Paging,
): Promise<Page<JsonText>> {
  checkSpaceName(space);
  // The version counts of the charts before a page say where the page begins, so no version outside the page is read. Each
  // chart has a version at least, so charts behind `start + limit` have none of the page.
  const rows = await registry.db.query<BoundedRow>(
    writeBoundedPageSql(
      `SELECT s.version_count AS total,
              ARRAY(
                SELECT v.id
                  FROM (SELECT c.id, c.name, c.version_count,
                               (sum(c.version_count) OVER (ORDER BY c.name) - c.version_count)::bigint AS before
                          FROM (SELECT id, name, version_count FROM charts WHERE space_id = s.id
                                 ORDER BY name LIMIT $2::bigint + $3::bigint) c) c
                       CROSS JOIN LATERAL (
                    SELECT id, sort_key, version FROM versions WHERE chart_id = c.id
                     ORDER BY sort_key, version
                    OFFSET greatest($2::bigint - c.before, 0) LIMIT $2::bigint + $3::bigint - greatest(c.before, $2::bigint)
                  ) v
                 WHERE c.before < $2::bigint + $3::bigint AND c.before + c.version_count > $2::bigint
                 ORDER BY c.name, v.sort_key, v.version
              ) AS ids
         FROM spaces s WHERE s.name = $1`,
      'v.metadata::text',
    ),
    [space, paging.start, paging.limit],
  );
  const page = toPage(rows);
  if (!page) throw await explainMissing(registry.db, { space }, registry.suggestible);
  return page;
}

/**
 * Lists the metadata of each chart's latest version in a space, by chart name. A page has at most `maxPageBytes`, so
 * it may have fewer items than `paging.limit`.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listLatestMetadata(
  registry: Pick<RegistryDeps, 'db' | 'suggestible'>,
  space: string,
  paging: Paging,
): Promise<Page<JsonText>> {
  checkSpaceName(space);
  const rows = await registry.db.query<BoundedRow>(
    writeBoundedPageSql(
      `SELECT s.chart_count AS total,
              ARRAY(
                SELECT v.id
                  FROM (SELECT id, name FROM charts WHERE space_id = s.id ORDER BY name OFFSET $2 LIMIT $3) c
                       CROSS JOIN LATERAL (
                         SELECT id FROM versions WHERE chart_id = c.id ORDER BY sort_key DESC, version DESC LIMIT 1
                       ) v
                 ORDER BY c.name
              ) AS ids
         FROM spaces s WHERE s.name = $1`,
      'v.metadata::text',
    ),
    [space, paging.start, paging.limit],
  );
  const page = toPage(rows);
  if (!page) throw await explainMissing(registry.db, { space }, registry.suggestible);
  return page;
}

/**
 * Lists the metadata of every version of a chart, ascending by SemVer precedence.
 * A page has at most `maxPageBytes`, so it may have fewer items than `paging.limit`.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`
 */
export async function listChartMetadata(
  registry: Pick<RegistryDeps, 'db' | 'suggestible'>,
  space: string,
  chart: string,
  paging: Paging,
): Promise<Page<JsonText>> {
  checkSpaceName(space);
  checkChartName(chart);
  const rows = await registry.db.query<BoundedRow>(
    writeBoundedPageSql(
      `SELECT c.version_count AS total,
              ARRAY(SELECT id FROM versions WHERE chart_id = c.id ORDER BY sort_key, version OFFSET $3 LIMIT $4) AS ids
         FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $2`,
      'v.metadata::text',
    ),
    [space, chart, paging.start, paging.limit],
  );
  const page = toPage(rows);
  if (!page) throw await explainMissing(registry.db, { space, chart }, registry.suggestible);
  return page;
}

/**
 * Reads the metadata of a chart's latest version.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`
 */
export async function readLatestMetadata(
  registry: RegistryDeps,
  space: string,
  chart: string,
): Promise<JsonText> {
  checkSpaceName(space);
  checkChartName(chart);
  const [row] = await registry.db.query<{ document: JsonText }>(
    `SELECT v.metadata::text AS document
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND c.name = $2
      ORDER BY v.sort_key DESC, v.version DESC LIMIT 1`,
    [space, chart],
  );
  if (!row) throw await explainMissing(registry.db, { space, chart }, registry.suggestible);
  return row.document;
}

/**
 * Reads the metadata of one version.
 * @throws {RegistryError} `name.invalid`, `version.invalid`, `space.notFound`, `chart.notFound`, `version.notFound`
 */
export async function readMetadata(registry: RegistryDeps, ref: VersionRef): Promise<JsonText> {
  checkVersionRef(ref);
  const [row] = await registry.db.query<{ document: JsonText }>(
    `SELECT v.metadata::text AS document FROM versions v WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) throw await explainMissing(registry.db, ref, registry.suggestible);
  return row.document;
}
