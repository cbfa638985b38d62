import { valuesComputationVersion } from '../core/chart/compute-values.ts';
import { renderEntry } from '../core/chart/index-entry.ts';
import { createPool } from '../core/db/pool.ts';
import type { Database } from '../core/db/port.ts';
import { catchUpSearch } from '../core/registry/search-catch-up.ts';

/** A stored archive that rows may name. */
interface StoredDigest {
  digest: string;
  size: number;
}

const manifest = {
  apiVersion: 'v2',
  name: 'CHART',
  version: 'VERSION',
  appVersion: '1.2.3',
  description: 'a chart for everybody '.repeat(8),
  home: 'https://charts.example.test/CHART',
  keywords: ['one', 'two', 'three'],
  maintainers: [{ name: 'Somebody', email: 'somebody@example.test' }],
};

/** Entry of a version, as long as those of public charts. */
const entryTemplate = renderEntry(
  manifest,
  { chart: 'CHART', version: 'VERSION' },
  'DIGEST',
  new Date('2026-01-02T03:04:05.678Z'),
);

/** Spaces of the same size that are filled together. */
export interface SpaceGroup {
  names: string[];
  charts: number;
  /** Versions of each chart. */
  versions: number;
}

/** Runs work on a pool for long statements. */
export async function withDatabase<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = createPool({ url, applicationName: 'bench', statementTimeoutMs: 3_600_000, onError: fail });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

function fail(error: Error): void {
  process.stderr.write(`${error}\n`);
}

/** Rows that one statement writes, about. */
const maxRows = 50_000;

/**
 * Fills spaces by SQL with the rows that uploads would have left. The rows are spaces, charts, versions, and the
 * changes of their last thousand revisions.
 * @param archives stored archives that the versions name in turn; made-up digests without
 */
export async function fillSpaces(
  db: Database,
  group: SpaceGroup,
  archives: readonly StoredDigest[] = [],
): Promise<void> {
  const perSpace = group.charts * group.versions;
  const step = Math.max(1, Math.floor(maxRows / perSpace));
  for (let first = 0; first < group.names.length; first += step) {
    await db.query(fillStatement, [
      group.names.slice(first, first + step),
      group.charts,
      group.versions,
      JSON.stringify(manifest),
      entryTemplate,
      archives.map(({ digest }) => digest),
      archives.map(({ size }) => size),
    ]);
  }
}

const fillStatement = `
  WITH space AS (
    INSERT INTO spaces (name, chart_count, version_count, revision)
    SELECT name, $2::int, $2::int * $3::int, $2::int * $3::int FROM unnest($1::text[]) name RETURNING id
  ), chart AS (
    INSERT INTO charts (space_id, name, version_count)
    SELECT id, 'chart-' || n, $3::int FROM space, generate_series(1, $2::int) n RETURNING id, space_id, name
  ), changed AS (
    INSERT INTO changes (space_id, revision, chart, version)
    SELECT * FROM (
      SELECT space_id, row_number() OVER (PARTITION BY space_id ORDER BY id, n) AS revision, name, '1.0.' || n
        FROM chart, generate_series(1, $3::int) n
    ) numbered WHERE revision > $2::int * $3::int - 1000
  )
  INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, values, entry, values_computation)
  SELECT id, '1.0.' || n, '011.010.' || lpad(length(n::text)::text, 2, '0') || n || '~', digest, size,
         replace(replace($4, 'CHART', name), 'VERSION', '1.0.' || n)::jsonb, '{"replicas": 1}',
         replace(replace(replace($5, 'CHART', name), 'VERSION', '1.0.' || n), 'DIGEST', substr(digest, 8)), ${valuesComputationVersion}
    FROM chart CROSS JOIN generate_series(1, $3::int) n
         CROSS JOIN LATERAL (
           SELECT coalesce(($6::text[])[1 + n % nullif(cardinality($6::text[]), 0)], 'sha256:' || encode(sha256((name || n)::bytea), 'hex')) AS digest,
                  coalesce(($7::bigint[])[1 + n % nullif(cardinality($7::bigint[]), 0)], 1) AS size
         ) archive`;

/**
 * Adds ended jobs, each with the lineage of a version. The version is composed from the first version of a space.
 * @param total number of jobs
 */
export async function fillJobs(db: Database, space: string, total: number): Promise<void> {
  await db.query(
    `WITH composed AS (
       SELECT v.id AS version_id, v.version, v.digest, c.name AS chart, s.name AS space, gen_random_uuid() AS job_id
         FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
        WHERE s.name = $1 AND (c.name, v.version) <> ('chart-1', '1.0.1') LIMIT $2
     ), job AS (
       INSERT INTO jobs (id, state, space, chart, version, recipe, plan, sources, started_at, finished_at)
       SELECT job_id, 'succeeded', space, chart, version, '{}', '{}', '[]', now(), now() FROM composed RETURNING id
     ), source AS (
       INSERT INTO job_sources (job_id, digest, space, chart, version)
       SELECT c.job_id, c.digest, $1, 'chart-1', '1.0.1' FROM composed c JOIN job ON job.id = c.job_id
     ), lineage AS (
       INSERT INTO lineage (version_id, job_id, digest, recipe, plan, sources)
       SELECT version_id, job_id, digest, '{}', '{}', '[]' FROM composed RETURNING version_id, digest
     )
     INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT $1, 'chart-1', '1.0.1', version_id, digest FROM lineage`,
    [space, total],
  );
}

/** Updates the search table and the planner's statistics. In time the sweep and autovacuum do that. */
export async function finishFilling(db: Database): Promise<void> {
  await catchUpSearch(db, Number.POSITIVE_INFINITY);
  await db.query('VACUUM ANALYZE');
}
