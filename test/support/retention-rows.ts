import type { Database } from '../../core/db/port.ts';
import { parseVersion, sortKey } from '../../core/semver/version.ts';
import type { OracleVersion } from './retention-oracle.ts';

/** Rows of one statement. */
const step = 2_000;

/**
 * Writes by SQL what uploads, downloads and compositions would have left, in a new space. Needed versions are sources of
 * a composed version `made` in a space of its own.
 */
export async function fillRetention(
  db: Database,
  space: string,
  versions: readonly OracleVersion[],
): Promise<void> {
  await db.query('INSERT INTO spaces (name) VALUES ($1), ($2)', [space, `${space}-made`]);
  await db.query(
    `INSERT INTO charts (space_id, name, version_count)
     SELECT s.id, c.name, count(*) FROM spaces s, unnest($2::text[]) AS c (name) WHERE s.name = $1 GROUP BY s.id, c.name`,
    [space, versions.map(({ chart }) => chart)],
  );
  for (let first = 0; first < versions.length; first += step) {
    const rows = versions.slice(first, first + step).map((version) => ({
      ...version,
      key: sortKey(parseVersion(version.version) ?? fail(version.version)),
    }));
    await db.query(
      `WITH row AS (
         SELECT r.*, c.id AS chart_id FROM jsonb_to_recordset($2::jsonb)
                AS r (chart text, version text, key text, "storedAgo" int, "pulledAgo" int)
                JOIN charts c ON c.name = r.chart AND c.space_id = (SELECT id FROM spaces WHERE name = $1)
       ), stored AS (
         INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry, created_at, updated_at)
         SELECT chart_id, version, key, 'sha256:' || encode(sha256(($1 || chart || version)::bytea), 'hex'), 100,
                jsonb_build_object('name', chart, 'version', version), '{}',
                now() - "storedAgo" * interval '1 day', now() - "storedAgo" * interval '1 day' FROM row
         RETURNING id, chart_id, version
       )
       INSERT INTO version_pulls (version_id, pulled_on)
       SELECT stored.id, (now() AT TIME ZONE 'UTC')::date - row."pulledAgo"
         FROM stored JOIN row USING (chart_id, version) WHERE row."pulledAgo" IS NOT NULL`,
      [space, JSON.stringify(rows)],
    );
  }
  await addLineage(
    db,
    space,
    versions.filter(({ isNeeded }) => isNeeded),
  );
  await db.query(
    `UPDATE spaces s SET (chart_count, version_count, bytes) =
            (SELECT count(*), coalesce(sum(version_count), 0), coalesce(sum(version_count), 0) * 100 FROM charts WHERE space_id = s.id)
      WHERE name LIKE $1 || '%'`,
    [space],
  );
}

function fail(version: string): never {
  throw new Error(`${version} is not a version`);
}

async function addLineage(db: Database, space: string, sources: readonly OracleVersion[]): Promise<void> {
  await db.query(
    `WITH chart AS (
       INSERT INTO charts (space_id, name, version_count) SELECT id, 'made', 1 FROM spaces WHERE name = $1 || '-made' RETURNING id
     ), made AS (
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
       SELECT id, '1.0.0', '011.010.010~', 'sha256:' || encode(sha256($1::bytea), 'hex'), 100, '{}', '{}' FROM chart RETURNING id
     ), line AS (
       INSERT INTO lineage (version_id, job_id, digest, recipe, plan, sources)
       SELECT id, gen_random_uuid(), 'sha256:x', '{}', '{}', '[]' FROM made RETURNING version_id
     )
     INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT $1, u.chart, u.version, line.version_id, 'sha256:x' FROM line, unnest($2::text[], $3::text[]) AS u (chart, version)`,
    [space, sources.map(({ chart }) => chart), sources.map(({ version }) => version)],
  );
}

/** Lists the versions that a space has, as `chart/version`. */
export async function listStored(db: Database, space: string): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>(
    `SELECT c.name || '/' || v.version AS name
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id WHERE s.name = $1`,
    [space],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Lists where the counts of a space, or of a chart, differ from its rows. */
export async function listWrongCounts(db: Database): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT s.name || '/' || c.name AS name FROM charts c JOIN spaces s ON s.id = c.space_id
      WHERE c.version_count <> (SELECT count(*) FROM versions v WHERE v.chart_id = c.id)
     UNION ALL
     SELECT s.name FROM spaces s
      WHERE (s.version_count, s.bytes) <> (SELECT count(*), coalesce(sum(v.size), 0)::bigint
              FROM versions v JOIN charts c ON c.id = v.chart_id WHERE c.space_id = s.id)`,
  );
  return rows.map(({ name }) => name);
}
