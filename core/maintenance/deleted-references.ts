import type { Digest } from '../blobs/port.ts';
import type { Database, Queryable } from '../db/port.ts';
import { isRestorableSql } from '../deletions/kept-blobs.ts';
import type { BlobReference, ReferencedBlob } from './references.ts';

/**
 * SQL of whether only a deleted version has a blob, and no unfinished job needs it. A collection with a shorter grace
 * period has deleted the entry in `garbage` with the blob, so that the blob is not missed. Jobs are looked up from
 * their sources, not all unfinished ones.
 */
const isOnlyInDeletedVersionSql = (digest: string) =>
  `(SELECT true FROM named_blobs n WHERE n.digest = ${digest} LIMIT 1) IS NULL
   AND (SELECT true FROM garbage g WHERE g.digest = ${digest} LIMIT 1) IS NOT NULL
   AND (SELECT true FROM (SELECT job_id FROM job_sources WHERE digest = ${digest} OFFSET 0) s
          CROSS JOIN LATERAL (SELECT FROM jobs WHERE id = s.job_id AND state IN ('queued', 'running') OFFSET 0) j
         LIMIT 1) IS NULL`;

/** Files of a deleted version. */
interface DeletedFiles {
  id: number;
  files: { digest: Digest; size: number; isArchive: boolean }[];
}

/**
 * Lists the blobs that only deleted versions have which can be restored, in pages. Of files that several deleted
 * versions have, each page has one entry.
 * @param restoreSeconds time for which a deleted version can be restored
 */
export async function* listDeletedBlobs(
  db: Database,
  pageSize: number,
  restoreSeconds: number,
): AsyncGenerator<ReferencedBlob[]> {
  for (let last = 0; ; ) {
    const rows = await db.query<DeletedFiles>(
      `SELECT d.id, (
         SELECT coalesce(json_agg(json_build_object('digest', f.digest, 'size', f.size, 'isArchive', f.archive)), '[]')
           FROM (VALUES (d.digest, d.size, true), (d.provenance, d.provenance_size, false)) AS f (digest, size, archive)
          WHERE f.digest IS NOT NULL AND ${isOnlyInDeletedVersionSql('f.digest')}) AS files
         FROM deleted_versions d WHERE d.id > $1 AND ${isRestorableSql('$3::float8')} ORDER BY d.id LIMIT $2`,
      [last, pageSize, restoreSeconds],
    );
    const blobs = new Map<Digest, ReferencedBlob>();
    for (const { digest, size, isArchive } of rows.flatMap(({ files }) => files)) {
      const before = blobs.get(digest)?.deletions ?? 0;
      blobs.set(digest, { digest, rows: 1, versions: 0, size, deletions: before + (isArchive ? 1 : 0) });
    }
    if (blobs.size > 0) yield [...blobs.values()];
    const final = rows[pageSize - 1];
    if (!final) return;
    last = final.id;
  }
}

/** Finds the deleted versions that can be restored and that alone have a blob. */
export async function findDeletedReferences(
  db: Queryable,
  digest: Digest,
  restoreSeconds: number,
): Promise<BlobReference[]> {
  return db.query<BlobReference>(
    `SELECT 'deleted version ' || s.name || '/' || d.chart || '/' || d.version
              || CASE WHEN f.role = 'provenance' THEN ' (provenance)' ELSE '' END AS name,
            f.size, f.role, json_build_object('space', s.name, 'name', d.chart, 'version', d.version) AS place,
            CASE WHEN f.role = 'provenance' THEN d.digest END AS archive
       FROM deleted_versions d JOIN spaces s ON s.id = d.space_id
      CROSS JOIN LATERAL (VALUES (d.digest, d.size, 'archive'), (d.provenance, d.provenance_size, 'provenance')) AS f (digest, size, role)
      WHERE d.blobs @> ARRAY[$1::text] AND f.digest = $1 AND ${isRestorableSql('$2::float8')} AND ${isOnlyInDeletedVersionSql('$1')}
      ORDER BY name, d.id`,
    [digest, restoreSeconds],
  );
}
