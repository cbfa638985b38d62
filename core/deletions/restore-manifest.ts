import type { Transaction } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import type { OciDigest } from '../oci/digest.ts';
import { type LinkedVersion, linkManifestToVersion } from '../oci/link-version.ts';
import { parseManifest } from '../oci/manifest.ts';
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
