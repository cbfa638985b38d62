import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';

/**
 * SQL of whether the deletion `d` can be undone. Only the last one of a version can, and only while no version has its name.
 * Once one of them ends that, it does so for good: whatever has the name later is deleted later.
 */
export const isLastSql = `(SELECT true FROM deleted_versions n
      WHERE n.space_id = d.space_id AND n.chart = d.chart AND n.version = d.version AND n.id > d.id LIMIT 1) IS NULL
    AND (SELECT true FROM charts c JOIN versions v ON v.chart_id = c.id
          WHERE c.space_id = d.space_id AND c.name = d.chart AND v.version = d.version LIMIT 1) IS NULL`;

/**
 * SQL of whether a deleted version that can be had back has a blob. A scalar subquery looks each blob up in the index.
 * @param seconds SQL of the time for which versions can be had back
 */
export const isRestorableSql = (digest: string, seconds: string) =>
  `((SELECT true FROM deleted_versions d
      WHERE d.blobs @> ARRAY[${digest}] AND d.deleted_at > clock_timestamp() - make_interval(secs => ${seconds})
        AND ${isLastSql}
      LIMIT 1) IS NOT NULL)`;

/** Whether a deleted version that can be had back has a blob. @param restoreSeconds time for which it can */
export async function isKeptForRestore(
  db: Queryable,
  digest: Digest,
  restoreSeconds: number,
): Promise<boolean> {
  const kept = await db.query(`SELECT WHERE ${isRestorableSql('$1::text', '$2::float8')}`, [
    digest,
    restoreSeconds,
  ]);
  return kept.length > 0;
}
