import type { Queryable } from '../db/port.ts';
import { chartIdSql } from '../registry/version-lookup.ts';

/** Download of an archive or manifest, which its repository knows by the digest. */
export interface Pull {
  space: string;
  /** Name of the chart, or of the OCI repository below the space. */
  name: string;
  digest: string;
  /** Day (UTC), as `2026-01-31`. */
  day: string;
}

/**
 * Records downloads: each version that has one of the archives or manifests gets the day. What is not a version's is
 * passed over. Rows are written in order, so that no two processes wait for each other in a circle.
 */
export async function recordPulls(db: Queryable, pulls: readonly Pull[]): Promise<void> {
  await db.query(recordStatement, [
    pulls.map(({ space }) => space),
    pulls.map(({ name }) => name),
    pulls.map(({ digest }) => digest),
    pulls.map(({ day }) => day),
  ]);
}

const recordStatement = `
  WITH pull AS MATERIALIZED (
    SELECT p.digest, p.day, ${chartIdSql('p.space', 'p.name')} AS chart_id,
           (SELECT r.id FROM oci_repositories r WHERE r.name = p.name AND r.space_id =
             (SELECT s.id FROM spaces s WHERE s.name = p.space)) AS repository_id
      FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::date[]))
           AS p (space, name, digest, day)
  ), pulled AS (
    SELECT found.id, max(pull.day) AS day
      FROM pull CROSS JOIN LATERAL (
             SELECT v.id FROM versions v WHERE v.digest = pull.digest AND v.chart_id = pull.chart_id
              UNION ALL
             SELECT l.version_id FROM oci_chart_manifests l WHERE l.manifest_id =
               (SELECT m.id FROM oci_manifests m WHERE m.repository_id = pull.repository_id AND m.digest = pull.digest)
           ) found
     GROUP BY found.id
  )
  INSERT INTO version_pulls (version_id, pulled_on) SELECT id, day FROM pulled ORDER BY id
  ON CONFLICT (version_id) DO UPDATE SET pulled_on = excluded.pulled_on
   WHERE version_pulls.pulled_on < excluded.pulled_on`;

/** Rows that one statement examines. */
const batchSize = 5_000;

/**
 * Deletes the days of versions that are gone. Each call does a part of the table. Rows that somebody writes are
 * passed over.
 * @returns the number of deleted rows
 */
export async function dropStalePulls(db: Queryable, signal: AbortSignal): Promise<number> {
  let dropped = 0;
  let after: number | undefined = 0;
  while (after !== undefined && !signal.aborted) {
    const [batch]: { last: number | null; dropped: number }[] = await db.query(
      `WITH part AS (
         SELECT version_id FROM version_pulls WHERE version_id > $1 ORDER BY version_id LIMIT ${batchSize}
       ), stale AS (
         SELECT p.version_id FROM version_pulls p JOIN part USING (version_id)
          WHERE (SELECT true FROM versions v WHERE v.id = p.version_id) IS NULL
            FOR UPDATE OF p SKIP LOCKED
       ), gone AS (
         DELETE FROM version_pulls p USING stale WHERE p.version_id = stale.version_id RETURNING p.version_id
       )
       SELECT (SELECT max(version_id) FROM part) AS last, (SELECT count(*) FROM gone) AS dropped`,
      [after],
    );
    dropped += batch?.dropped ?? 0;
    after = batch?.last ?? undefined;
  }
  return dropped;
}
