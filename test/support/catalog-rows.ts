import type { Database } from '../../core/db/port.ts';

/** Words that names and keywords of a catalog are made of. */
export const catalogWords = ['postgresql', 'nginx', 'keycloak', 'redis', 'prometheus', 'grafana'];

const keywords = [...catalogWords, 'database', 'cache', 'web', 'proxy', 'metrics', 'queue', 'logs', 'search'];

/**
 * Fills ten spaces by SQL with charts as a public catalog has them. Each has ten versions. Names, keywords,
 * descriptions, types and the rest differ from chart to chart; a thousandth is in a space of its own, `small`.
 * @param options.perChart versions of each chart
 */
export async function fillCatalog(
  db: Database,
  { versions, perChart = 10 }: { versions: number; perChart?: number },
): Promise<void> {
  await db.query(
    `INSERT INTO spaces (name) SELECT 'space-' || n FROM generate_series(0, 9) n UNION ALL SELECT 'small'`,
  );
  await db.query(
    `INSERT INTO charts (space_id, name, version_count)
     SELECT s.id, ($2::text[])[1 + n % cardinality($2::text[])] || '-' || substr(md5(n::text), 1, 5) || '-' || n, $3
       FROM generate_series(1, $1::int) n
            JOIN spaces s ON s.name = CASE WHEN n % 1000 = 0 THEN 'small' ELSE 'space-' || n % 10 END`,
    [Math.ceil(versions / perChart), catalogWords, perChart],
  );
  // Insert in parts, so that each statement is short also on a busy machine.
  for (let number = 1; number <= perChart; number += 1)
    await db.query(
      `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry, provenance, provenance_size, created_at, updated_at)
       SELECT id, '1.0.' || $2::int, lpad($2::text, 5, '0'), 'sha256:' || repeat('0', 64), 1,
              jsonb_build_object('name', name, 'version', '1.0.' || $2::int, 'appVersion', '3.1',
                'description', 'A chart for Kubernetes that runs ' || name || ' with ' || substr(md5(name), 1, 6) || repeat(' and more', 8),
                'type', CASE WHEN id % 20 = 0 THEN 'library' ELSE 'application' END, 'deprecated', id % 50 = 0,
                'keywords', ARRAY[($1::text[])[1 + id % cardinality($1::text[])], ($1::text[])[1 + id / 7 % cardinality($1::text[])], 'key' || id % 400]),
              '{}', CASE WHEN id % 10 = 0 THEN 'sha256:' || repeat('1', 64) END, CASE WHEN id % 10 = 0 THEN 1 END,
              now() - id * interval '1 minute', now() - id * interval '1 minute'
         FROM charts`,
      [keywords, number],
    );
}
