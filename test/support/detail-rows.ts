import type { Database } from '../../core/db/port.ts';

/** Charts of a space, and versions of each. */
export interface DetailRows {
  space: string;
  charts: number;
  versions: number;
}

/** Versions of one statement, few enough for the time that a statement may take. */
const step = 5_000;

/**
 * Writes by SQL what uploads would have left. Rows are of charts `chart-00001` and on, each with versions `1.N.0`.
 * Charts differ in type, keywords and times; a tenth is deprecated, and a tenth has provenance files.
 */
export async function fillDetails(db: Database, { space, charts, versions }: DetailRows): Promise<void> {
  await db.query('INSERT INTO spaces (name) VALUES ($1)', [space]);
  const perStep = Math.max(1, Math.floor(step / versions));
  for (let first = 1; first <= charts; first += perStep)
    await db.query(
      `WITH chart AS (
         INSERT INTO charts (space_id, name, version_count)
         SELECT s.id, 'chart-' || lpad(n::text, 5, '0'), $4::int
           FROM spaces s, generate_series($2::int, $3::int) n WHERE s.name = $1
         RETURNING id, name
       )
       INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry, provenance, provenance_size, created_at, updated_at)
       SELECT id, '1.' || n || '.0', '011.' || lpad(length(n::text)::text, 2, '0') || n || '.010~',
              'sha256:' || encode(sha256((name || n)::bytea), 'hex'), 1000,
              jsonb_build_object('name', name, 'version', '1.' || n || '.0', 'appVersion', '3.1',
                'description', repeat('A chart for everybody. ', 10), 'icon', 'https://charts.example.test/icon.png',
                'type', CASE WHEN id % 20 = 0 THEN 'library' ELSE 'application' END, 'deprecated', id % 10 = 0,
                'keywords', ARRAY['one', 'key' || id % 400]),
              '{}', CASE WHEN id % 10 = 1 THEN 'sha256:' || repeat('1', 64) END, CASE WHEN id % 10 = 1 THEN 1 END,
              now() - (id % 1000) * interval '1 hour' + n * interval '1 second',
              now() - (id % 777) * interval '1 hour' + n * interval '1 second'
         FROM chart, generate_series(1, $4::int) n`,
      [space, first, Math.min(first + perStep - 1, charts), versions],
    );
  await db.query(
    `UPDATE spaces s SET (chart_count, version_count, bytes) =
            (SELECT count(*), coalesce(sum(version_count), 0), coalesce(sum(version_count), 0) * 1000 FROM charts WHERE space_id = s.id)
      WHERE name = $1`,
    [space],
  );
}
