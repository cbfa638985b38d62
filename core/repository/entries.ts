import type { JsonText } from '../registry/documents.ts';
import { versionNamed } from '../registry/named.ts';
import { checkChartName, checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { Paging, Registry, VersionRef } from '../registry/registry.ts';

/**
 * The entries that a page of a space's charts has in the index: by chart name, each chart's versions newest first.
 * @returns `{"NAME":[...]}`
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function listEntries(registry: Registry, space: string, paging: Paging): Promise<JsonText> {
  checkSpaceName(space);
  const rows = await registry.db.query<{ name: string | null; entries: string[] }>(
    `SELECT c.name, ${newestFirst} AS entries
       FROM spaces s
            LEFT JOIN LATERAL (
              SELECT id, name FROM charts WHERE space_id = s.id ORDER BY name OFFSET $2 LIMIT $3
            ) c ON true
      WHERE s.name = $1 ORDER BY c.name`,
    [space, paging.start, paging.limit],
  );
  if (rows.length === 0) throw await explainMissing(registry.db, { space });
  const charts = rows.flatMap(({ name, entries }) =>
    name === null ? [] : [`${JSON.stringify(name)}:[${entries.join(',')}]`],
  );
  return `{${charts.join(',')}}`;
}

const newestFirst =
  'ARRAY(SELECT v.entry FROM versions v WHERE v.chart_id = c.id ORDER BY v.sort_key DESC, v.version DESC)';

/**
 * The entries of a chart's versions, newest first.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `chart.notFound`
 */
export async function listChartEntries(registry: Registry, space: string, chart: string): Promise<JsonText> {
  checkSpaceName(space);
  checkChartName(chart);
  const [found] = await registry.db.query<{ entries: string[] }>(
    `SELECT ${newestFirst} AS entries FROM charts c JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND c.name = $2`,
    [space, chart],
  );
  if (!found) throw await explainMissing(registry.db, { space, chart });
  return `[${found.entries.join(',')}]`;
}

/**
 * The entry of one version.
 * @throws {RegistryError} `version.notFound` and its kin
 */
export async function readEntry({ db }: Registry, { space, chart, version }: VersionRef): Promise<JsonText> {
  const [found] = await db.query<{ entry: JsonText }>(
    `SELECT v.entry FROM versions v
      WHERE v.id = ${versionNamed('$1', '$2', '$3')}`,
    [space, chart, version],
  );
  if (!found) throw await explainMissing(db, { space, chart, version });
  return found.entry;
}
