import { recordAudit } from '../audit/record.ts';
import type { Content, Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { chartIdSql } from '../registry/version-lookup.ts';
import type { OciDigest } from './digest.ts';
import { chartNameOf, type RepositoryRef } from './names.ts';
import { ensureRepository } from './repositories.ts';

/** A blob of a repository, in the store or, for generated chart configurations, in the database. */
export interface RepositoryBlob {
  /** Bytes. */
  size: number;
  /** Digest of the blob in the store; null when the database has the content. */
  blob: Digest | null;
  content: Buffer | null;
}

/** Blob that was looked up by the name of its space. */
export interface FoundBlob extends RepositoryBlob {
  /** Id of the space that has it. */
  spaceId: number;
}

/** Digest in a repository, which a request names. */
export interface BlobRef {
  repository: RepositoryRef;
  digest: OciDigest;
}

/**
 * Finds blobs of repositories, archives of versions too, by one query. The order is theirs, with undefined for a blob
 * that its repository does not have.
 */
export async function findBlobs(db: Queryable, refs: readonly BlobRef[]): Promise<(FoundBlob | undefined)[]> {
  const rows = await db.query<FoundBlob & { number: number }>(
    `SELECT w.number, f.size, f.blob, f.content, (SELECT s.id FROM spaces s WHERE s.name = w.space) AS "spaceId"
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::text[]))
            WITH ORDINALITY AS w (space, name, digest, chart, number)
       CROSS JOIN LATERAL (
         SELECT b.size, b.blob, b.content FROM oci_blobs b
          WHERE b.digest = w.digest AND b.repository_id =
            (SELECT r.id FROM oci_repositories r WHERE r.name = w.name AND r.space_id =
              (SELECT s.id FROM spaces s WHERE s.name = w.space))
          UNION ALL
         SELECT v.size, v.digest, NULL FROM versions v
          WHERE v.digest = w.digest AND v.chart_id = ${chartIdSql('w.space', 'w.chart')}
          LIMIT 1) f`,
    [
      refs.map(({ repository }) => repository.space),
      refs.map(({ repository }) => repository.name),
      refs.map(({ digest }) => digest),
      refs.map(({ repository }) => chartNameOf(repository) ?? null),
    ],
  );
  const found = new Map(rows.map(({ number, ...blob }) => [number, blob]));
  return refs.map((_, index) => found.get(index + 1));
}

/** SQL of an insert's conflict: storing an unreferenced blob again restarts its expiry. */
export const restartExpirySql = `ON CONFLICT (repository_id, digest) DO UPDATE SET idle_since = clock_timestamp(), named = false
   WHERE oci_blobs.idle_since IS NOT NULL`;

/**
 * SQL as {@link restartExpirySql}, for a stored blob. A stored blob replaces bytes in the database itself, which may
 * be damaged.
 */
export const restartStoredExpirySql = `ON CONFLICT (repository_id, digest) DO UPDATE SET
     idle_since = CASE WHEN oci_blobs.idle_since IS NOT NULL THEN clock_timestamp() END,
     named = oci_blobs.named AND oci_blobs.idle_since IS NULL,
     blob = coalesce(oci_blobs.blob, excluded.blob), content = NULL
   WHERE oci_blobs.idle_since IS NOT NULL OR oci_blobs.content IS NOT NULL`;

/** Adds a stored blob to a repository, in the transaction that has locked the blob. */
export async function linkBlob(
  tx: Transaction,
  registry: RegistryDeps,
  repository: RepositoryRef,
  digest: OciDigest,
  content: Content,
): Promise<void> {
  const id = await ensureRepository(tx, registry, repository);
  await tx.query(
    `INSERT INTO oci_blobs (repository_id, digest, blob, size) VALUES ($1, $2, $3, $4) ${restartStoredExpirySql}`,
    [id, digest, content.digest, content.size],
  );
}

/**
 * Removes a blob from a repository without waiting for a garbage collection.
 * @throws {RegistryError} `blob.notFound`, `blob.inUse` while a manifest of the repository lists it
 */
export async function deleteBlob(
  registry: RegistryDeps,
  repository: RepositoryRef,
  digest: OciDigest,
): Promise<void> {
  await registry.locks
    .write([repository.space, repository.name, digest], async (tx) => {
      await registry.actor.confirm(tx, 'chart.delete', { space: repository.space, chart: repository.name });
      if (await isArchiveOfVersion(tx, repository, digest)) throw blobInUse(repository, digest);
      const deleted = await tx.query(
        `DELETE FROM oci_blobs b USING oci_repositories r, spaces s
          WHERE r.id = b.repository_id AND s.id = r.space_id AND s.name = $1 AND r.name = $2 AND b.digest = $3
          RETURNING b.digest`,
        [repository.space, repository.name, digest],
      );
      if (deleted.length === 0) throw blobNotFoundError(repository, digest);
      await recordAudit(tx, registry.actor, {
        action: 'blob.delete',
        right: 'chart.delete',
        ...{ space: repository.space, chart: repository.name },
        digests: { before: digest },
      });
    })
    .catch((error: unknown) => {
      if (sqlStateOf(error) === sqlState.foreignKeyViolation) throw blobInUse(repository, digest);
      throw error;
    });
}

/** Whether a blob is a version's archive. Such a blob is in use even before the version's manifest is generated. */
async function isArchiveOfVersion(
  tx: Transaction,
  repository: RepositoryRef,
  digest: OciDigest,
): Promise<boolean> {
  const versions = await tx.query(
    `SELECT 1 FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $1 AND c.name = $2 AND v.digest = $3 LIMIT 1`,
    [repository.space, chartNameOf(repository) ?? null, digest],
  );
  return versions.length > 0;
}

/** Makes the error for a blob that a repository does not have. */
export function blobNotFoundError({ full }: RepositoryRef, digest: OciDigest): RegistryError {
  return new RegistryError('blob.notFound', `There is no blob ${digest} in ${full}.`, { digest });
}

function blobInUse({ full }: RepositoryRef, digest: OciDigest): RegistryError {
  return new RegistryError(
    'blob.inUse',
    `A manifest in ${full} lists ${digest}. Delete the manifest first, or let garbage collection take both.`,
    { digest },
  );
}
