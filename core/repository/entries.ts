import { type BoundedRow, toPage, writeBoundedPageSql } from '../registry/bounded-page.ts';
import type { JsonText } from '../registry/documents.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Paging, RegistryDeps, VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { listedEntrySql } from './listed-entry.ts';

/** A page of index entries as JSON text, and the start of the next page. */
export interface EntryList {
  text: JsonText;
  /** Start of the next page; absent on the last. */
  next?: number;
}

/**
 * Lists the index entries of a space's charts, by chart name. Each chart's versions come newest first. The page ends
 * before the chart with which it would exceed `maxPageBytes`. If that is the first chart, the page has as many of its
 * newest versions as fit.
 * @returns `{"NAME":[...]}`; `next` counts charts
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listEntries(registry: RegistryDeps, space: string, paging: Paging): Promise<EntryList> {
  checkSpaceName(space);
  const rows = await registry.db.query<BoundedRow & { charts: string[]; counts: number[] }>(
    writeBoundedPageSql(
      `SELECT s.chart_count AS total, p.charts, p.counts,
              ARRAY(SELECT v.id FROM unnest(p.chart_ids) WITH ORDINALITY AS c (id, place) JOIN versions v ON v.chart_id = c.id
                     ORDER BY c.place, v.sort_key DESC, v.version DESC) AS ids
         FROM spaces s CROSS JOIN LATERAL (
           SELECT array_agg(id ORDER BY name) AS chart_ids, coalesce(array_agg(name ORDER BY name), '{}') AS charts,
                  coalesce(array_agg(version_count::int ORDER BY name), '{}') AS counts
             FROM (SELECT id, name, version_count FROM charts WHERE space_id = s.id ORDER BY name OFFSET $2 LIMIT $3) c
         ) p
        WHERE s.name = $1`,
      listedEntrySql,
      ['charts', 'counts'],
    ),
    [space, paging.start, paging.limit],
  );
  const [first] = rows;
  const page = toPage(rows);
  if (!first || !page) throw await explainMissing(registry.db, { space }, registry.suggestible);
  const charts: string[] = [];
  let listed = 0;
  for (const [index, name] of first.charts.entries()) {
    const end = listed + (first.counts[index] ?? 0);
    if (end > page.items.length && charts.length > 0) break;
    charts.push(`${JSON.stringify(name)}:[${page.items.slice(listed, end).join(',')}]`);
    listed = end;
    if (end > page.items.length) break;
  }
  const next = paging.start + charts.length;
  return { text: `{${charts.join(',')}}`, ...(charts.length > 0 && next < page.total ? { next } : {}) };
}

/**
 * Lists the index entries of a chart's versions, newest first. A page has at most `maxPageBytes`.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`
 */
export async function listChartEntries(
  registry: RegistryDeps,
  space: string,
  chart: string,
  paging: Paging,
): Promise<EntryList> {
  checkSpaceName(space);
  checkChartName(chart);
  const rows = await registry.db.query<BoundedRow>(
    writeBoundedPageSql(
      `SELECT c.version_count AS total,
              ARRAY(SELECT v.id FROM versions v WHERE v.chart_id = c.id
                     ORDER BY v.sort_key DESC, v.version DESC OFFSET $3 LIMIT $4) AS ids
         FROM charts c JOIN spaces s ON s.id = c.space_id WHERE s.name = $1 AND c.name = $2`,
      listedEntrySql,
    ),
    [space, chart, paging.start, paging.limit],
  );
  const page = toPage(rows);
  if (!page) throw await explainMissing(registry.db, { space, chart }, registry.suggestible);
  const next = paging.start + page.items.length;
  const more = page.items.length > 0 && next < page.total;
  return { text: `[${page.items.join(',')}]`, ...(more ? { next } : {}) };
}

/**
 * Reads the index entry of one version.
 * @throws {RegistryError} `version.notFound`, or that of its chart or space
 */
export async function readEntry(
  { db, suggestible }: RegistryDeps,
  { space, chart, version }: VersionRef,
): Promise<JsonText> {
  const [found] = await db.query<{ entry: JsonText }>(
    `SELECT v.entry FROM versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [space, chart, version],
  );
  if (!found) throw await explainMissing(db, { space, chart, version }, suggestible);
  return found.entry;
}
