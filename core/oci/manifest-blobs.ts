import type { Digest } from '../blobs/port.ts';
import { isStoredWhole } from '../registry/blob-faults.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import type { OciDigest } from './digest.ts';
import type { RepositoryRef } from './names.ts';
import { manifestNotFound } from './read-manifest.ts';

/**
 * Checks that the store has the blobs of a manifest whole; see `isStoredWhole`.
 * A client that gets 404 for the manifest pushes its blobs again, which repairs them.
 * @throws {RegistryError} `manifest.notFound` where one of them is damaged or missing
 */
export async function assertBlobsStored(
  registry: RegistryDeps,
  repository: RepositoryRef,
  reference: { digest: OciDigest },
): Promise<void> {
  const blobs = await registry.db.query<{ digest: Digest; size: number }>(
    `SELECT b.blob AS digest, b.size
       FROM oci_manifests m
       JOIN oci_repositories r ON r.id = m.repository_id
       JOIN spaces s ON s.id = r.space_id
       JOIN oci_manifest_blobs n ON n.manifest_id = m.id
       JOIN oci_blobs b ON b.repository_id = n.repository_id AND b.digest = n.digest
      WHERE s.name = $1 AND r.name = $2 AND m.digest = $3 AND b.blob IS NOT NULL`,
    [repository.space, repository.name, reference.digest],
  );
  for (const blob of blobs)
    if (!(await isStoredWhole(registry, blob))) throw manifestNotFound(repository, reference);
}
