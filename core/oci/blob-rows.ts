import type { Transaction } from '../db/port.ts';
import type { OciDigest } from './digest.ts';
import { chartNameOf, type RepositoryRef } from './names.ts';

/**
 * SQL of an insert's conflict: locks the row that exists, and leaves it as it is. A transaction that writes several
 * rows of `oci_blobs` locks all of them in the order of their digests. That counts for existing rows as for those that
 * it adds. `DO NOTHING` would pass over the former, and two transactions could wait for each other.
 */
const lockExistingSql = 'ON CONFLICT (repository_id, digest) DO UPDATE SET size = excluded.size WHERE false';

/** Row of a blob whose bytes are in the store, or in the row. */
export interface BlobRow {
  digest: OciDigest;
  size: number;
  /** Bytes that the row itself keeps; undefined where the store has them. */
  content?: Buffer;
}

/** Adds the rows that a repository lacks, and locks those that it has. */
export async function addBlobRows(
  tx: Transaction,
  repositoryId: number,
  rows: readonly BlobRow[],
): Promise<void> {
  await tx.query(
    `INSERT INTO oci_blobs (repository_id, digest, blob, content, size)
     SELECT $1, digest, CASE WHEN content IS NULL THEN digest END, content, size
       FROM unnest($2::text[], $3::bytea[], $4::bigint[]) AS given (digest, content, size)
      ORDER BY digest ${lockExistingSql}`,
    [
      repositoryId,
      rows.map(({ digest }) => digest),
      rows.map(({ content }) => content ?? null),
      rows.map(({ size }) => size),
    ],
  );
}

/**
 * Returns SQL that locks the blobs of manifests, in the order of their keys. Who deletes manifests does so in the same
 * statement, since who puts a manifest has its blobs when it comes to the manifest (ADR 87).
 * @param manifests SQL that selects their ids
 */
export const lockBlobsOfManifestsSql = (manifests: string) => `SELECT FROM oci_blobs b
   WHERE (b.repository_id, b.digest) IN (
     SELECT l.repository_id, l.digest FROM oci_manifest_blobs l WHERE l.manifest_id IN (${manifests}))
   ORDER BY b.repository_id, b.digest FOR NO KEY UPDATE`;

/**
 * Adds archives and provenance files of versions to the chart's repository. So a manifest may list them. Locks the other
 * blobs of the manifest that have smaller digests on the way, for the order above.
 * @param digests all blobs that the manifest lists
 */
export async function addArchiveRows(
  tx: Transaction,
  repository: RepositoryRef,
  repositoryId: number,
  digests: readonly OciDigest[],
): Promise<void> {
  const ofChart = 'FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id';
  const files = await tx.query<{ digest: OciDigest; size: number }>(
    `SELECT v.digest, v.size ${ofChart} WHERE s.name = $1 AND c.name = $2 AND v.digest = ANY ($3)
      UNION
     SELECT v.provenance, v.provenance_size ${ofChart} WHERE s.name = $1 AND c.name = $2 AND v.provenance = ANY ($3)
      ORDER BY digest`,
    [repository.space, chartNameOf(repository) ?? null, digests],
  );
  for (const file of files) {
    await tx.query(
      `SELECT FROM oci_blobs WHERE repository_id = $1 AND digest = ANY ($2::text[]) AND digest < $3
        ORDER BY digest FOR NO KEY UPDATE`,
      [repositoryId, digests, file.digest],
    );
    await addBlobRows(tx, repositoryId, [file]);
  }
}
