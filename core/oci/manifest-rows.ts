import { sanitizeForJsonb } from '../chart/sanitize-for-jsonb.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import type { OciDigest } from './digest.ts';
import { blobsOf, type OciManifest } from './manifest.ts';
import { chartNameOf, type RepositoryRef } from './names.ts';
import { ensureRepository } from './repositories.ts';

/** A manifest, byte for byte as it is served. */
export interface StoredManifest {
  digest: OciDigest;
  mediaType: string;
  /** Bytes. */
  size: number;
  content: Buffer;
}

/**
 * Stores a manifest under its digest; an existing one is marked as in use, and repaired where its bytes are damaged.
 * @returns the ids of the manifest and of its repository
 * @throws {RegistryError} `manifest.incomplete` when the repository does not have its blobs or manifests,
 *   `space.notFound`
 */
export async function addManifest(
  tx: Transaction,
  registry: RegistryDeps,
  repository: RepositoryRef,
  manifest: OciManifest,
  stored: { digest: OciDigest; content: Buffer },
): Promise<{ id: number; repositoryId: number }> {
  const repositoryId = await ensureRepository(tx, registry, repository);
  const blobs = await lockManifestBlobs(tx, repository, repositoryId, manifest);
  await checkChildren(tx, repository, repositoryId, manifest);
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO oci_manifests (repository_id, digest, media_type, content, subject, artifact_type, annotations)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (repository_id, digest) DO UPDATE SET retired_at = NULL,
       content = CASE WHEN oci_manifests.content = excluded.content THEN oci_manifests.content ELSE excluded.content END
     RETURNING id`,
    [
      repositoryId,
      stored.digest,
      manifest.mediaType,
      stored.content,
      manifest.subject ?? null,
      // PostgreSQL's text has no NUL. The column is for lists only; clients get the unchanged content.
      manifest.artifactType?.replaceAll('\0', '') ?? null,
      manifest.annotations ? JSON.stringify(sanitizeForJsonb(manifest.annotations)) : null,
    ],
  );
  if (!row) throw new Error('the INSERT of a manifest returned no row');
  await tx.query(
    `INSERT INTO oci_manifest_blobs (manifest_id, repository_id, digest)
     SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING`,
    [row.id, repositoryId, blobs],
  );
  return { id: row.id, repositoryId };
}

/** Locks the blobs that a manifest lists and marks them as referenced. @returns their digests */
async function lockManifestBlobs(
  tx: Transaction,
  repository: RepositoryRef,
  repositoryId: number,
  manifest: OciManifest,
): Promise<OciDigest[]> {
  const { required, optional } = blobsOf(manifest);
  const digests = [...new Set([...required, ...optional])];
  await linkArchives(tx, repository, repositoryId, digests);
  const locked = await tx.query<{ digest: OciDigest; idle: boolean }>(
    `SELECT digest, idle_since IS NOT NULL OR NOT named AS idle FROM oci_blobs
      WHERE repository_id = $1 AND digest = ANY ($2) ORDER BY digest FOR NO KEY UPDATE`,
    [repositoryId, digests],
  );
  const found = locked.map(({ digest }) => digest);
  const existing = new Set(found);
  const missing = required.filter((digest) => !existing.has(digest));
  if (missing.length > 0) throw incompleteError(repository, missing);
  const idle = locked.filter((blob) => blob.idle).map(({ digest }) => digest);
  if (idle.length > 0) {
    await tx.query(
      `UPDATE oci_blobs SET idle_since = NULL, named = true WHERE repository_id = $1 AND digest = ANY ($2)`,
      [repositoryId, idle],
    );
  }
  return found;
}

/** Adds archives of versions to the chart's repository, so that manifests may list the archives. */
async function linkArchives(
  tx: Transaction,
  repository: RepositoryRef,
  repositoryId: number,
  digests: OciDigest[],
): Promise<void> {
  await tx.query(
    `INSERT INTO oci_blobs (repository_id, digest, blob, size)
     SELECT DISTINCT $1::bigint, v.digest, v.digest, v.size
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE s.name = $2 AND c.name = $3 AND v.digest = ANY ($4)
     ON CONFLICT DO NOTHING`,
    [repositoryId, repository.space, chartNameOf(repository) ?? null, digests],
  );
}

/** Checks that the repository has the manifests that an index lists. @throws {RegistryError} `manifest.incomplete` */
async function checkChildren(
  tx: Queryable,
  repository: RepositoryRef,
  repositoryId: number,
  { manifests }: OciManifest,
): Promise<void> {
  const digests = manifests.filter((child) => (child.urls?.length ?? 0) === 0).map((child) => child.digest);
  if (digests.length === 0) return;
  const found = await tx.query<{ digest: OciDigest }>(
    'SELECT digest FROM oci_manifests WHERE repository_id = $1 AND digest = ANY ($2)',
    [repositoryId, digests],
  );
  const existing = new Set(found.map(({ digest }) => digest));
  const missing = digests.filter((digest) => !existing.has(digest));
  if (missing.length > 0) throw incompleteError(repository, missing);
}

function incompleteError({ full }: RepositoryRef, missing: OciDigest[]): RegistryError {
  return new RegistryError(
    'manifest.incomplete',
    `The manifest lists content that is not in ${full}: ${missing[0]}${missing.length > 1 ? ` and ${missing.length - 1} more` : ''}. Push it first.`,
    { digests: missing.slice(0, 100) },
  );
}
