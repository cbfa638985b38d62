import type { Database, Transaction } from '../../core/db/port.ts';

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

/** Charts of one statement, few enough for the time that a statement may take. */
const step = { sources: 100, composed: 1_000 };

/**
 * Writes by SQL the rows that publications and compositions would have left. Rows are of charts `base-N` of a space
 * with versions `1.N.0`, and charts `app-N` in spaces `team-NN`, each composed from three of them. A third asks for a
 * range that has a newer version, a third for an exact version, a third for the latest one.
 */
export async function fillComposed(db: Database, rows: ComposedRows): Promise<void> {
  await db.transaction(async (tx) => {
    // Without triggers, which would leave events of every row.
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query('INSERT INTO spaces (name) VALUES ($1)', [rows.space]);
    await tx.query(
      `INSERT INTO spaces (name) SELECT 'team-' || lpad(n::text, 2, '0') FROM generate_series(0, $1::int - 1) n`,
      [rows.teams],
    );
    for (let first = 0; first < rows.sources; first += step.sources)
      await fillSources(tx, rows, first, Math.min(first + step.sources, rows.sources));
    for (let first = 0; first < rows.composed; first += step.composed)
      await fillApps(tx, rows, first, Math.min(first + step.composed, rows.composed));
    // Counts as writers would have kept them.
    await tx.query(
      `UPDATE spaces s SET (chart_count, version_count) =
              (SELECT count(*), coalesce(sum(version_count), 0) FROM charts WHERE space_id = s.id)`,
    );
  });
}

async function fillSources(tx: Transaction, rows: ComposedRows, first: number, end: number): Promise<void> {
  await tx.query(
    `WITH chart AS (
       INSERT INTO charts (space_id, name, version_count)
       SELECT s.id, 'base-' || n, $4::int FROM spaces s, generate_series($2::int, $3::int - 1) n WHERE s.name = $1
       RETURNING id, name
     )
     INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
     SELECT id, '1.' || n || '.0', '011.' || lpad(length(n::text)::text, 2, '0') || n || '.010~',
            'sha256:' || encode(sha256((name || n)::bytea), 'hex'), 1,
            jsonb_build_object('name', name, 'description', repeat('a chart for everybody ', 20)), '{}'
       FROM chart, generate_series(1, $4::int) n`,
    [rows.space, first, end, rows.versions],
  );
}

async function fillApps(tx: Transaction, rows: ComposedRows, first: number, end: number): Promise<void> {
  await tx.query(
    `WITH chart AS (
       INSERT INTO charts (space_id, name, version_count)
       SELECT s.id, 'app-' || n, 1 FROM generate_series($2::int, $3::int - 1) n
              JOIN spaces s ON s.name = 'team-' || lpad((n % $1::int)::text, 2, '0')
       RETURNING id, name
     )
     INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry)
     SELECT id, '1.0.0', '011.010.010~', 'sha256:' || encode(sha256(name::bytea), 'hex'), 1,
            jsonb_build_object('name', name), '{}' FROM chart`,
    [rows.teams, first, end],
  );
  await tx.query(
    `WITH source AS (
       SELECT v.id AS version_id, v.digest AS composed_digest, k, $1::text AS space, b.name AS chart, b.requested,
              s.version, s.digest
         FROM generate_series($4::int, $5::int - 1) app (n)
              CROSS JOIN LATERAL (
                SELECT c.id FROM charts c WHERE c.name = 'app-' || app.n
                   AND c.space_id = (SELECT id FROM spaces WHERE name = 'team-' || lpad((app.n % $6::int)::text, 2, '0'))
              ) c
              CROSS JOIN LATERAL (SELECT id, digest FROM versions WHERE chart_id = c.id) v CROSS JOIN generate_series(0, 2) k
              CROSS JOIN LATERAL (
                SELECT 'base-' || (app.n * 3 + k) % $2::int AS name,
                       CASE app.n % 3 WHEN 0 THEN '^1.0.0' WHEN 1 THEN '1.' || $3::int - 1 || '.0' ELSE 'latest' END AS requested,
                       '1.' || CASE WHEN app.n % 3 = 2 THEN $3::int ELSE $3::int - 1 END || '.0' AS version
              ) b
              CROSS JOIN LATERAL (
                SELECT version, digest FROM versions WHERE version = b.version AND chart_id =
                  (SELECT id FROM charts WHERE name = b.name AND space_id = (SELECT id FROM spaces WHERE name = $1))
              ) s
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
    [rows.space, rows.sources, rows.versions, first, end, rows.teams],
  );
}
