import type { Database, Transaction } from '../db/port.ts';
import { lockBlobsOfManifestsSql } from './blob-rows.ts';

/** Times after which unused OCI content expires. */
export interface ExpireOptions {
  /** Seconds until an idle upload session, or a blob that no manifest ever listed, is deleted. */
  expirySeconds: number;
  /** Seconds until a manifest that was a version's, or a blob that a manifest listed, is deleted. */
  graceSeconds: number;
  /** Seconds that a blob is kept after the deletion of a chart's version whose manifest listed it; 0 by default. */
  restoreSeconds?: number;
  /** Asked at the begin of each transaction; throws where nothing may be deleted. */
  guard?: (tx: Transaction) => Promise<void>;
}

/** Numbers of deleted rows. */
export interface ExpiredCounts {
  uploads: number;
  manifests: number;
  blobs: number;
}

/** Rows of one transaction. */
const batchSize = 1_000;

/**
 * Deletes the rows of unused upload sessions, manifests and blobs.
 * The garbage collection that follows deletes the bytes. Several runs in parallel do no harm: each skips upload sessions
 * and blobs that another transaction has locked, and waits for the blobs of manifests.
 * @param signal ends the run before its next batch
 */
export async function expireOci(
  db: Database,
  { expirySeconds, graceSeconds, restoreSeconds = 0, guard }: ExpireOptions,
  signal?: AbortSignal,
): Promise<ExpiredCounts> {
  const repeat = async (work: (tx: Transaction) => Promise<{ found: number; removed: number }>) => {
    let total = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { found, removed } = await db.transaction(async (tx) => {
        await guard?.(tx);
        return work(tx);
      });
      total += removed;
      if (found < batchSize) return total;
    }
  };
  return {
    uploads: await repeat((tx) => deleteIdleUploads(tx, expirySeconds)),
    manifests: await repeat((tx) => deleteRetiredManifests(tx, graceSeconds)),
    blobs: await repeat((tx) => deleteIdleBlobs(tx, expirySeconds, graceSeconds, restoreSeconds)),
  };
}

async function deleteIdleUploads(tx: Transaction, expirySeconds: number) {
  const ended = await tx.query(
    `DELETE FROM oci_uploads WHERE id IN (
       SELECT id FROM oci_uploads WHERE touched_at < clock_timestamp() - make_interval(secs => $1::float8)
        ORDER BY touched_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING id`,
    [expirySeconds, batchSize],
  );
  return { found: ended.length, removed: ended.length };
}

async function deleteRetiredManifests(tx: Transaction, graceSeconds: number) {
  // A manifest that is put again meanwhile has no time any more when its row is deleted.
  const removed = await tx.query(
    `WITH expired AS MATERIALIZED (
       SELECT m.id FROM oci_manifests m
        WHERE m.retired_at <= clock_timestamp() - make_interval(secs => $1::float8)
          AND NOT EXISTS (SELECT FROM oci_tags t WHERE t.manifest_id = m.id)
          AND NOT EXISTS (SELECT FROM oci_chart_manifests c WHERE c.manifest_id = m.id)
        ORDER BY m.retired_at LIMIT $2
     ), locked AS MATERIALIZED (${lockBlobsOfManifestsSql('SELECT id FROM expired')})
     DELETE FROM oci_manifests WHERE id IN (SELECT id FROM expired) AND (SELECT count(*) FROM locked) >= 0
        AND retired_at <= clock_timestamp() - make_interval(secs => $1::float8)
     RETURNING id`,
    [graceSeconds, batchSize],
  );
  return { found: removed.length, removed: removed.length };
}

/**
 * A configuration is kept for the manifest of a deleted version; its archive, which a quota counts, is known without a row.
 * PostgreSQL looks digests up in the index only by the collation that the index has, which is not that of `oci_blobs`.
 */
const isConfigurationSql = `EXISTS (
  SELECT FROM deleted_versions d
   WHERE d.blobs @> ARRAY[oci_blobs.digest COLLATE "default"] AND d.digest <> oci_blobs.digest
     AND d.provenance IS DISTINCT FROM oci_blobs.digest
     AND d.deleted_at > clock_timestamp() - make_interval(secs => $4::float8))`;

async function deleteIdleBlobs(
  tx: Transaction,
  expirySeconds: number,
  graceSeconds: number,
  restoreSeconds: number,
) {
  const locked = await tx.query<{ repository: number; digest: string }>(
    `SELECT repository_id AS repository, digest FROM oci_blobs
      WHERE idle_since <= clock_timestamp() - make_interval(secs => CASE WHEN named THEN $1::float8 ELSE $2::float8 END)
        AND NOT ${isConfigurationSql}
      ORDER BY idle_since LIMIT $3 FOR UPDATE SKIP LOCKED`,
    [graceSeconds, expirySeconds, batchSize, restoreSeconds],
  );
  const rows = [locked.map(({ repository }) => repository), locked.map(({ digest }) => digest)];
  const matchesLocked = `FROM unnest($1::bigint[], $2::text[]) AS batch (repository_id, digest)
      WHERE b.repository_id = batch.repository_id AND b.digest = batch.digest`;
  const isReferenced = `EXISTS (SELECT FROM oci_manifest_blobs m
                            WHERE m.repository_id = b.repository_id AND m.digest = b.digest)`;
  // The row locks keep manifests from listing these blobs meanwhile, so both statements see the same references.
  await tx.query(`UPDATE oci_blobs b SET idle_since = NULL ${matchesLocked} AND ${isReferenced}`, rows);
  const removed = await tx.query(
    `DELETE FROM oci_blobs b USING ${matchesLocked.slice('FROM '.length)} AND NOT ${isReferenced} RETURNING b.digest`,
    rows,
  );
  return { found: locked.length, removed: removed.length };
}
