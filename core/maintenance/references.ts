import type { Digest } from '../blobs/port.ts';
import type { Database, Queryable } from '../db/port.ts';

/** Blob with its number of references. */
export interface ReferencedBlob {
  digest: Digest;
  /** Referencing rows; 0 when only unfinished jobs need the blob. */
  rows: number;
  /** Versions with the blob as their archive. */
  versions: number;
  /** Bytes in the rows; undefined where only jobs need the blob, or two rows disagree. */
  size: number | undefined;
  /** Deleted versions with the blob as their archive, where no other row has it. */
  deletions?: number;
}

/**
 * Blob reference: a row that needs a blob. Versions need archives and provenance files; repositories, upload
 * sessions and unfinished jobs need blobs too.
 */
export interface BlobReference {
  /** `lib/web/1.0.0`, `lib/web/1.0.0 (provenance)`, `deleted version lib/web/1.0.0`, `lib/web (blob sha256:...)`, `lib/web (upload ID)`, `prepared form of sha256:...` or `job ID`. */
  name: string;
  /** Bytes in the row; null for a job. */
  size: number | null;
  /** Role of the blob for the row. */
  role: 'archive' | 'provenance' | 'blob' | 'manifest' | 'chunk' | 'derived' | 'job';
  /** Where it is: of a blob or manifest `name` is the repository's, and `version` its digest there; null for chunks and jobs. */
  place: { space: string; name: string; version: string } | null;
  /** Digest of the archive that a provenance file signs. */
  archive: string | null;
}

const nextDigestSql = (after: string) =>
  `SELECT n.digest FROM named_blobs n WHERE n.digest > ${after} ORDER BY n.digest LIMIT 1`;

/** Lists all blobs that rows reference, in pages, by walking along the indexes. */
export async function* listKeptBlobs(db: Database, pageSize: number): AsyncGenerator<ReferencedBlob[]> {
  yield* listPages(
    db,
    // Recursive, from each digest to the next: to group, PostgreSQL would read all further rows for each page.
    `WITH RECURSIVE walk AS (
       SELECT (${nextDigestSql('$1')}) AS digest, 1 AS number
        UNION ALL
       SELECT (${nextDigestSql('walk.digest')}), number + 1 FROM walk WHERE digest IS NOT NULL AND number < $2
     )
     SELECT walk.digest, named.* FROM walk CROSS JOIN LATERAL (
       SELECT count(*) AS rows, count(*) FILTER (WHERE what = 'archive') AS versions,
              CASE WHEN min(size) = max(size) THEN min(size) END AS size
         FROM named_blobs WHERE digest = walk.digest
     ) named WHERE walk.digest IS NOT NULL ORDER BY walk.digest`,
    pageSize,
  );
}

/** Lists all blobs that only unfinished jobs need, in pages. */
export async function* listJobBlobs(db: Database, pageSize: number): AsyncGenerator<ReferencedBlob[]> {
  yield* listPages(
    db,
    `SELECT DISTINCT s.digest, 0 AS rows, 0 AS versions, NULL::bigint AS size
       FROM jobs j
      -- Job by job through the index: PostgreSQL would rather read the sources of all jobs ever.
      CROSS JOIN LATERAL (SELECT digest FROM job_sources WHERE job_id = j.id OFFSET 0) s
      WHERE j.state IN ('queued', 'running') AND s.digest > $1
        AND (SELECT true FROM named_blobs n WHERE n.digest = s.digest LIMIT 1) IS NULL
      ORDER BY s.digest LIMIT $2`,
    pageSize,
  );
}

async function* listPages(db: Database, sql: string, pageSize: number): AsyncGenerator<ReferencedBlob[]> {
  let lastDigest = '';
  for (;;) {
    const rows = await db.query<{ digest: Digest; rows: number; versions: number; size: number | null }>(
      sql,
      [lastDigest, pageSize],
    );
    if (rows.length > 0) yield rows.map((row) => ({ ...row, size: row.size ?? undefined }));
    const final = rows[pageSize - 1];
    if (!final) return;
    lastDigest = final.digest;
  }
}

/** Finds all current references to a blob. */
export async function findReferences(db: Queryable, digest: Digest): Promise<BlobReference[]> {
  const place = (name: string, version: string) =>
    `json_build_object('space', s.name, 'name', ${name}, 'version', ${version})`;
  return db.query<BlobReference>(
    `SELECT s.name || '/' || c.name || '/' || v.version AS name, v.size, 'archive' AS role,
            ${place('c.name', 'v.version')} AS place, NULL::text AS archive
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.digest = $1
      UNION ALL
     SELECT s.name || '/' || c.name || '/' || v.version || ' (provenance)', v.provenance_size, 'provenance',
            ${place('c.name', 'v.version')}, v.digest
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.provenance = $1
      UNION ALL
     SELECT s.name || '/' || r.name || ' (blob ' || b.digest || ')', b.size, 'blob', ${place('r.name', 'b.digest')}, NULL
       FROM oci_blobs b JOIN oci_repositories r ON r.id = b.repository_id JOIN spaces s ON s.id = r.space_id
      WHERE b.blob = $1
      UNION ALL
     SELECT u.repository || ' (upload ' || u.id || ')', p.size, 'chunk', NULL, NULL
       FROM oci_upload_parts p JOIN oci_uploads u ON u.id = p.upload_id
      WHERE p.digest = $1
      UNION ALL
     SELECT 'prepared form of ' || source, size, 'derived', NULL, NULL FROM derived_blobs WHERE blob = $1
      UNION ALL
     SELECT 'job ' || job_id, NULL::bigint, 'job', NULL, NULL
       FROM (SELECT DISTINCT s.job_id FROM job_sources s JOIN jobs j ON j.id = s.job_id
              WHERE s.digest = $1 AND j.state IN ('queued', 'running')) unfinished
      ORDER BY name`,
    [digest],
  );
}
