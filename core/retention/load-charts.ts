import type { Queryable } from '../db/port.ts';
import { isMirrorSql } from '../registry/space-rows.ts';
import type { Circumstances, VersionFacts } from './verdict.ts';

/** Version with its row and archive. */
export interface StoredFacts extends VersionFacts {
  id: number;
  digest: string;
  /** Bytes. */
  size: number;
}

/** Chart with all its versions, the highest first. */
export interface ChartVersions {
  id: number;
  name: string;
  versions: StoredFacts[];
}

/** Space whose charts are decided about. */
export interface DecidedSpace {
  id: number;
  name: string;
}

/** Versions that are loaded together, unless one chart has more. */
const maxVersions = 5_000;

/** Charts that are loaded together. */
const maxCharts = 500;

/**
 * Loads charts of a space in the order of their names, all versions of each.
 * @param from name of the first chart
 * @param options.after begins with the chart after `from`
 * @returns the charts, and the name after which further ones follow
 */
export async function loadCharts(
  db: Queryable,
  space: DecidedSpace,
  from: string,
  { after = false }: { after?: boolean } = {},
): Promise<{ charts: ChartVersions[]; last?: string }> {
  const named = await db.query<{ id: number; name: string; versions: number }>(
    `SELECT id, name, version_count AS versions FROM charts
      WHERE space_id = $1 AND name ${after ? '>' : '>='} $2 ORDER BY name LIMIT ${maxCharts}`,
    [space.id, from],
  );
  let versions = 0;
  const chosen = named.filter((chart, index) => {
    versions += chart.versions;
    return index === 0 || versions <= maxVersions;
  });
  const charts = await loadVersions(db, space, chosen);
  const last = chosen.at(-1)?.name;
  const isLast = named.length < maxCharts && chosen.length === named.length;
  return isLast || last === undefined ? { charts } : { charts, last };
}

/** Chart of which versions are loaded. */
export interface WantedChart {
  id: number;
  name: string;
  /** Version below which they begin; the highest of all by default. */
  below?: VersionOrder | undefined;
  /** Largest number of versions; all by default. */
  limit?: number;
}

/** Keys by which the versions of a chart are ordered. */
export interface VersionOrder {
  sortKey: string;
  version: string;
}

/** Loads the versions of some charts, the highest first. */
export async function loadVersions(
  db: Queryable,
  space: DecidedSpace,
  charts: readonly WantedChart[],
): Promise<ChartVersions[]> {
  // First the jobs: one that ends in between is found by what it has stored.
  const [awaited, rows] = await Promise.all([
    db.query<{ name: string }>(awaitedStatement, [space.name, charts.map(({ name }) => name)]),
    db.query<StoredFacts & { chartId: number }>(versionsStatement, [
      charts.map(({ id }) => id),
      space.name,
      charts.map(({ below }) => below?.sortKey ?? afterEverySortKey),
      charts.map(({ below }) => below?.version ?? ''),
      charts.map(({ limit }) => limit ?? null),
    ]),
  ]);
  const names = new Set(awaited.map(({ name }) => name));
  const loaded = new Map(charts.map(({ id, name }) => [id, { id, name, versions: [] as StoredFacts[] }]));
  for (const { chartId, ...row } of rows) {
    const chart = loaded.get(chartId);
    chart?.versions.push({ ...row, isAwaited: names.has(`${chart.name}/${row.version}`) });
  }
  return [...loaded.values()];
}

/** Text that is behind every sort key. */
const afterEverySortKey = '\u{10ffff}';

// The sources are looked up one by one: a popular one may have 100,000 rows, of which the first says enough.
const versionsStatement = `
  SELECT v.chart_id AS "chartId", v.id, v.version, v.sort_key AS "sortKey", v.digest, v.size, v.updated_at AS "storedAt",
         to_char(p.pulled_on, 'YYYY-MM-DD') AS "pulledOn", v.restored_at IS NOT NULL AS "isRestored",
         (SELECT true FROM lineage_sources l
           WHERE l.space = $2 AND l.chart = c.name AND l.version = v.version LIMIT 1) IS NOT NULL AS "isSource"
    FROM unnest((SELECT $1::bigint[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::integer[]))
           WITH ORDINALITY AS wanted (id, sort_key, version, most, place)
         JOIN charts c ON c.id = wanted.id
         CROSS JOIN LATERAL (
           SELECT id, chart_id, version, sort_key, digest, size, updated_at, restored_at FROM versions
            WHERE chart_id = c.id AND (sort_key, version) < (wanted.sort_key COLLATE "C", wanted.version COLLATE "C")
            ORDER BY sort_key DESC, version DESC LIMIT wanted.most) v
         LEFT JOIN version_pulls p ON p.version_id = v.id
   ORDER BY wanted.place, v.sort_key DESC, v.version DESC`;

const awaitedStatement = `
  SELECT DISTINCT s.chart || '/' || s.version AS name
    FROM jobs j JOIN job_sources s ON s.job_id = j.id
   WHERE j.state IN ('queued', 'running') AND s.space = $1 AND s.chart = ANY((SELECT $2::text[])::text[])`;

/** Reads what counts for all versions of a space. @param now time from which days are counted back; now by default */
export async function readCircumstances(
  db: Queryable,
  spaceId: number,
  now = new Date(),
): Promise<Circumstances> {
  const [row] = await db.query<{ isImmutable: boolean; recordedSince: string }>(
    `SELECT overwriting = 'immutable' OR ${isMirrorSql('spaces')} AS "isImmutable",
            (SELECT to_char(since, 'YYYY-MM-DD') FROM pull_recording) AS "recordedSince"
       FROM spaces WHERE id = $1`,
    [spaceId],
  );
  return { now, isImmutable: row?.isImmutable ?? true, recordedSince: row?.recordedSince ?? '' };
}
