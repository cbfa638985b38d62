import type { Database } from '../../core/db/port.ts';

/** Numbers of the rows to write. */
export interface ComposedRows {
  /** Space of the sources. */
  space: string;
  /** Charts that are sources, and versions of each. */
  sources: number;
  versions: number;
  /** Spaces with composed charts, and composed charts in all. */
  teams: number;
  composed: number;
}

/**
 * Writes by SQL what publications and compositions would have left: charts `base-N` of a space with versions `1.N.0`, and
 * charts `app-N` in spaces `team-NN`, each composed from three of them. A third asks for a range that has a newer version,
 * a third for an exact version, a third for the latest one.
 */
export async function fillComposed(
  db: Database,
  { space, sources, versions, teams, composed }: ComposedRows,
): Promise<void> {
  await db.transaction(async (tx) => {
    // Without triggers, which would leave events of every row.
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(
      `WITH space AS (
       INSERT INTO spaces (name) VALUES ($1) RETURNING id
     ), chart AS (
       INSERT INTO charts (space_id, name) SELECT id, 'base-' || n FROM space, generate_series(0, $2::int - 1) n RETURNING id, name
     )
     INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
     SELECT id, '1.' || n || '.0', '011.' || lpad(length(n::text)::text, 2, '0') || n || '.010~',
            'sha256:' || encode(sha256((name || n)::bytea), 'hex'), 1,
            jsonb_build_object('name', name, 'description', repeat('a chart for everybody ', 20)), '{}'
       FROM chart, generate_series(1, $3::int) n`,
      [space, sources, versions],
    );
    await tx.query(
      `WITH team AS (
       INSERT INTO spaces (name) SELECT 'team-' || lpad(n::text, 2, '0') FROM generate_series(0, $1::int - 1) n RETURNING id, name
     ), chart AS (
       INSERT INTO charts (space_id, name)
       SELECT team.id, 'app-' || n FROM generate_series(0, $2::int - 1) n
              JOIN team ON team.name = 'team-' || lpad((n % $1::int)::text, 2, '0')
       RETURNING id, name, substr(name, 5)::int AS n
     )
     INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
     SELECT id, '1.0.0', '011.010.010~', 'sha256:' || encode(sha256(name::bytea), 'hex'), 1,
            jsonb_build_object('name', name), '{}' FROM chart`,
      [teams, composed],
    );
    await tx.query(
      `WITH source AS (
       SELECT v.id AS version_id, v.digest AS composed_digest, k, $1::text AS space, b.name AS chart, b.requested, s.version, s.digest
         FROM versions v JOIN charts c ON c.id = v.chart_id AND c.name LIKE 'app-%'
              CROSS JOIN LATERAL (SELECT substr(c.name, 5)::int AS n) app CROSS JOIN generate_series(0, 2) k
              CROSS JOIN LATERAL (
                SELECT 'base-' || (app.n * 3 + k) % $2::int AS name,
                       CASE app.n % 3 WHEN 0 THEN '^1.0.0' WHEN 1 THEN '1.' || $3::int - 1 || '.0' ELSE 'latest' END AS requested,
                       '1.' || CASE WHEN app.n % 3 = 2 THEN $3::int ELSE $3::int - 1 END || '.0' AS version
              ) b
              JOIN charts sc ON sc.name = b.name AND sc.space_id = (SELECT id FROM spaces WHERE name = $1)
              JOIN versions s ON s.chart_id = sc.id AND s.version = b.version
     ), lineage AS (
       INSERT INTO lineage (version_id, job_id, digest, recipe, plan, sources)
       SELECT version_id, gen_random_uuid(), composed_digest, '{}', '{}',
              jsonb_agg(jsonb_build_object('pointer', '/configs/' || k || '/package', 'space', space, 'chart', chart,
                                           'requested', requested, 'version', version, 'digest', digest) ORDER BY k)
         FROM source GROUP BY 1, 3
       RETURNING version_id
     ), marked AS (
       INSERT INTO state_work SELECT version_id FROM lineage
     )
     INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT DISTINCT s.space, s.chart, s.version, version_id, s.digest FROM source s JOIN lineage USING (version_id)`,
      [space, sources, versions],
    );
    // Counts as writers would have kept them.
    await tx.query(
      `UPDATE charts c SET version_count = (SELECT count(*) FROM versions v WHERE v.chart_id = c.id)`,
    );
    await tx.query(
      `UPDATE spaces s SET (chart_count, version_count) =
            (SELECT count(*), coalesce(sum(version_count), 0) FROM charts WHERE space_id = s.id)`,
    );
  });
}
