import type { Transaction } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import type { OciDigest } from '../oci/digest.ts';
import { type LinkedVersion, linkManifestToVersion } from '../oci/link-version.ts';
import { blobsOfManifest, parseManifest } from '../oci/manifest.ts';
import { addManifest } from '../oci/manifest-rows.ts';
import { isRepositoryName, parseRepository } from '../oci/names.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';

/** OCI manifest that a deleted version had; null where nobody has asked for one. */
export interface DeletedManifest {
  manifest: Buffer | null;
  manifestDigest: OciDigest | null;
  manifestType: string | null;
  /** Whether it counted toward the quota, as those do that somebody has pushed. */
  manifestCounted: boolean;
}

/**
 * Locks the blobs of the manifest that a deleted version had. A push has them locked when it comes to the rows of the
 * chart, so they are locked before those (ADR 87).
 */
export async function lockBlobsOfDeleted(
  tx: Transaction,
  { space, chart }: VersionRef,
  { manifest, manifestType }: DeletedManifest,
): Promise<void> {
  if (manifest === null || manifestType === null) return;
  const { required, optional } = blobsOfManifest(parseManifest(manifest, manifestType));
  await tx.query(
    `SELECT FROM oci_blobs WHERE digest = ANY ($3) AND repository_id =
       (SELECT r.id FROM oci_repositories r JOIN spaces s ON s.id = r.space_id WHERE s.name = $1 AND r.name = $2)
      ORDER BY digest FOR NO KEY UPDATE`,
    [space, chart, [...required, ...optional]],
  );
}

/**
 * Gives a version the OCI manifest back that it had, byte for byte.
 * Where the repository has lost its configuration meanwhile, the next pull makes another manifest.
 * @returns whether the version has the manifest that it had; null where it had none, or that was deleted with its version
 */
export async function restoreManifest(
  tx: Transaction,
  registry: RegistryDeps,
  { space, chart }: VersionRef,
  version: LinkedVersion,
  { manifest: content, manifestDigest: digest, manifestType: mediaType, manifestCounted }: DeletedManifest,
): Promise<boolean | null> {
  if (content === null || digest === null || mediaType === null) return null;
  const full = `${space}/${chart}`;
  if (!isRepositoryName(full)) return null;
  const manifest = parseManifest(content, mediaType);
  try {
    const stored = { digest, content, isGenerated: !manifestCounted };
    const ids = await addManifest(tx, registry, parseRepository(full), manifest, stored);
    await linkManifestToVersion(tx, version, ids);
    return true;
  } catch (error) {
    if (isRegistryError(error, 'manifest.incomplete')) return false;
    throw error;
  }
}
