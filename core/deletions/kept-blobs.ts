import type { Digest } from '../blobs/port.ts';
import type { Queryable } from '../db/port.ts';

/** Last deletions of a version that keep their files: a pipeline may delete and upload one version all day. */
const maxDeletionsWithFiles = 10;

/**
 * SQL of whether the deletion `d` keeps its files. A later deletion of the same version with the same archive takes its place,
 * and so do `maxDeletionsWithFiles` later ones with others. Whether a version has the name meanwhile makes no
 * difference.
 */
export const keepsFilesSql = `(
  SELECT count(*) < ${maxDeletionsWithFiles} AND coalesce(bool_and(n.digest <> d.digest), true)
    FROM (SELECT n.digest FROM deleted_versions n
           WHERE n.space_id = d.space_id AND n.chart = d.chart AND n.version = d.version AND n.id > d.id
           ORDER BY n.id LIMIT ${maxDeletionsWithFiles}) n)`;

/** SQL of whether no version has the name of the deleted version `d`: only then can it be restored. */
export const isNameFreeSql = `(SELECT true FROM charts c JOIN versions v ON v.chart_id = c.id
    WHERE c.space_id = d.space_id AND c.name = d.chart AND v.version = d.version LIMIT 1) IS NULL`;

/** SQL of whether the deletion `d` can be undone still. @param seconds SQL of the time for which it can */
export const isRestorableSql = (seconds: string) =>
  `d.deleted_at > clock_timestamp() - make_interval(secs => ${seconds}) AND ${keepsFilesSql}`;

/**
 * SQL of whether a deletion that can be undone has a blob. A scalar subquery looks each blob up in the index.
 * @param seconds SQL of the time for which versions can be restored
 */
export const isBlobRestorableSql = (digest: string, seconds: string) =>
  `((SELECT true FROM deleted_versions d
      WHERE d.blobs @> ARRAY[${digest}] AND ${isRestorableSql(seconds)}
      LIMIT 1) IS NOT NULL)`;

/** Whether a deletion that can be undone has a blob. @param restoreSeconds time for which it can */
export async function isKeptForRestore(
  db: Queryable,
  digest: Digest,
  restoreSeconds: number,
): Promise<boolean> {
  const kept = await db.query(`SELECT WHERE ${isBlobRestorableSql('$1::text', '$2::float8')}`, [
    digest,
    restoreSeconds,
  ]);
  return kept.length > 0;
}
