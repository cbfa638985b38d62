import { sanitizeForJsonb } from '../chart/sanitize-for-jsonb.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { addArchiveRows } from './blob-rows.ts';
import type { OciDigest } from './digest.ts';
import { blobsOfManifest, type OciManifest } from './manifest.ts';
import type { RepositoryRef } from './names.ts';
import { ensureRepository } from './repositories.ts';

/** A manifest, byte for byte as it is served. */
export interface StoredManifest {
  digest: OciDigest;
  mediaType: string;
  /** Bytes. */
  size: number;
  content: Buffer;
}

/** Manifest to be stored. */
export interface NewManifest {
  digest: OciDigest;
  content: Buffer;
  /** Whether it was made here, for a pull: it counts toward no quota, since a read must not be refused. */
  isGenerated?: boolean;
}

/** Ids of a stored manifest and of its repository. */
export interface ManifestIds {
  id: number;
  repositoryId: number;
  /** Whether the repository did not have the manifest before. */
  isNew: boolean;
}

/**
 * Stores a manifest under its digest. An existing one is marked as in use, and repaired where its bytes are damaged.
 * Its blobs are locked and marked as referenced. All is one statement where the repository has the blobs. The
 * statement of an image is sent before the call returns, so that the caller's next statement follows it.
 * @throws {RegistryError} `manifest.incomplete` when the repository does not have its blobs or manifests,
 *   `space.notFound`
 */
export async function addManifest(
  tx: Transaction,
  registry: RegistryDeps,
  repository: RepositoryRef,
  manifest: OciManifest,
  stored: NewManifest,
): Promise<ManifestIds> {
  if (manifest.manifests.length > 0) await checkChildren(tx, repository, manifest);
  const { required, optional } = blobsOfManifest(manifest);
  const listed = [...new Set([...required, ...optional])];
  let inserted = await insertManifest(tx, repository, manifest, stored, { required, listed, whole: true });
  if (inserted.id === null) {
    const repositoryId = inserted.repositoryId ?? (await ensureRepository(tx, registry, repository));
    await addArchiveRows(tx, repository, repositoryId, listed);
    inserted = await insertManifest(tx, repository, manifest, stored, { required, listed, whole: false });
  }
  const { id, repositoryId, isNew, found } = inserted;
  if (id !== null && repositoryId !== null) return { id, repositoryId, isNew: isNew ?? false };
  const existing = new Set(found);
  throw incompleteError(
    repository,
    required.filter((digest) => !existing.has(digest)),
  );
}

interface InsertedManifest {
  /** Null when the repository does not exist. */
  repositoryId: number | null;
  /** Null when a blob is missing that has to be there. */
  id: number | null;
  isNew: boolean | null;
  /** Listed blobs that the repository has. */
  found: OciDigest[];
}

/**
 * Inserts a manifest whose required blobs the repository has, and locks all its blobs in the order of their digests.
 * @param blobs.whole inserts and locks nothing unless the repository has the optional blobs too: a transaction that adds
 *   some must not have locked others before
 */
async function insertManifest(
  tx: Transaction,
  { space, name }: RepositoryRef,
  manifest: OciManifest,
  { digest, content, isGenerated = false }: NewManifest,
  { required, listed, whole }: { required: OciDigest[]; listed: OciDigest[]; whole: boolean },
): Promise<InsertedManifest> {
  const [inserted] = await tx.query<InsertedManifest>(insertStatement, [
    space,
    name,
    listed,
    required,
    digest,
    manifest.mediaType,
    content,
    manifest.subject ?? null,
    // PostgreSQL's text has no NUL. The column is for lists only; clients get the unchanged content.
    manifest.artifactType?.replaceAll('\0', '') ?? null,
    manifest.annotations ? JSON.stringify(sanitizeForJsonb(manifest.annotations)) : null,
    whole,
    !isGenerated,
  ]);
  if (!inserted) throw new Error('the INSERT of a manifest returned no row');
  return inserted;
}

// Blobs are locked before the manifest, as by who deletes it. A manifest that came after the snapshot of this statement is met by
// the INSERT alone, so the other order would let two pushes of a manifest wait for each other (ADR 87).
// One that is whole, in use and counted stays as it is: `helm push` puts each manifest twice, by its digest and by the tag.
// Arrays are read by subqueries, so that PostgreSQL keeps one plan instead of making one for their lengths each time.
const insertStatement = `
WITH repository AS MATERIALIZED (
  SELECT r.id FROM oci_repositories r JOIN spaces s ON s.id = r.space_id WHERE s.name = $1 AND r.name = $2
), ready AS MATERIALIZED (
  SELECT id FROM repository
   WHERE NOT (SELECT $11::boolean) OR cardinality((SELECT $3::text[])) =
         (SELECT count(*) FROM oci_blobs b WHERE b.repository_id = repository.id AND b.digest = ANY ((SELECT $3::text[])::text[]))
), locked AS MATERIALIZED (
  SELECT repository_id, digest, idle_since IS NOT NULL OR NOT named AS idle FROM oci_blobs
   WHERE repository_id = (SELECT id FROM ready) AND digest = ANY ((SELECT $3::text[])::text[])
   ORDER BY digest FOR NO KEY UPDATE
), existing AS MATERIALIZED (
  SELECT id, retired_at IS NULL AND (counted OR NOT $12) AND content = $7 AS is_kept FROM oci_manifests
   WHERE (SELECT count(*) FROM locked) >= 0 AND repository_id = (SELECT id FROM ready) AND digest = $5 FOR NO KEY UPDATE
), used AS (
  UPDATE oci_blobs b SET idle_since = NULL, named = true FROM locked
   WHERE b.repository_id = locked.repository_id AND b.digest = locked.digest AND locked.idle
), complete AS MATERIALIZED (
  SELECT id FROM ready WHERE (SELECT $4::text[]) <@ ARRAY(SELECT digest::text FROM locked)
), inserted AS (
  INSERT INTO oci_manifests (repository_id, digest, media_type, content, subject, artifact_type, annotations, counted)
  SELECT id, $5, $6, $7, $8, $9, $10, $12 FROM complete WHERE NOT EXISTS (SELECT FROM existing WHERE is_kept)
  ON CONFLICT (repository_id, digest) DO UPDATE SET retired_at = NULL, counted = oci_manifests.counted OR excluded.counted,
    content = CASE WHEN oci_manifests.content = excluded.content THEN oci_manifests.content ELSE excluded.content END
  RETURNING id, xmax = 0 AS is_new
), manifest AS (
  SELECT id, is_new FROM inserted
   UNION ALL
  SELECT existing.id, false FROM existing, complete WHERE is_kept
), listed AS (
  INSERT INTO oci_manifest_blobs (manifest_id, repository_id, digest)
  SELECT manifest.id, locked.repository_id, locked.digest FROM manifest, locked
   WHERE is_new OR (
     SELECT true FROM oci_manifest_blobs b WHERE b.manifest_id = manifest.id AND b.digest = locked.digest LIMIT 1) IS NULL
  ON CONFLICT DO NOTHING
)
SELECT (SELECT id FROM repository) AS "repositoryId", (SELECT id FROM manifest), (SELECT is_new FROM manifest) AS "isNew", ARRAY(SELECT digest::text FROM locked) AS found`;

/** Checks that the repository has the manifests that an index lists. @throws {RegistryError} `manifest.incomplete` */
async function checkChildren(
  tx: Queryable,
  repository: RepositoryRef,
  { manifests }: OciManifest,
): Promise<void> {
  const digests = manifests.filter((child) => (child.urls?.length ?? 0) === 0).map((child) => child.digest);
  if (digests.length === 0) return;
  const found = await tx.query<{ digest: OciDigest }>(
    `SELECT m.digest FROM oci_manifests m JOIN oci_repositories r ON r.id = m.repository_id JOIN spaces s ON s.id = r.space_id
      WHERE s.name = $1 AND r.name = $2 AND m.digest = ANY ($3)`,
    [repository.space, repository.name, digests],
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
