import { isRegistryError } from '../../errors.ts';
import { deleteManifest } from '../../oci/delete-manifest.ts';
import type { OciDigest } from '../../oci/digest.ts';
import type { ManifestReference } from '../../oci/read-manifest.ts';
import type { ClaimedMirrorRun } from '../claim-run.ts';
import type { MirrorDeps } from '../mirror-deps.ts';

/** Deletes what refers to the manifest of a version that was pruned. Deleted are referrers, and tags of cosign. */
export async function deleteReferrers(
  { oci }: MirrorDeps,
  { space }: ClaimedMirrorRun,
  chart: string,
  manifest: string | undefined,
): Promise<void> {
  if (manifest === undefined) return;
  const rows = await oci.db.query<{ tag: string | null; digest: OciDigest | null }>(
    `WITH repository AS (
       SELECT r.id FROM oci_repositories r JOIN spaces s ON s.id = r.space_id WHERE s.name = $1 AND r.name = $2)
     SELECT t.name AS tag, NULL AS digest FROM oci_tags t
      WHERE t.repository_id = (SELECT id FROM repository) AND starts_with(t.name, $3)
      UNION ALL
     SELECT NULL, m.digest FROM oci_manifests m
      WHERE m.repository_id = (SELECT id FROM repository) AND m.subject = $4`,
    [space, chart, `${manifest.replace(':', '-')}.`, manifest],
  );
  const repository = { full: `${space}/${chart}`, space, name: chart };
  for (const { tag, digest } of rows) {
    const reference: ManifestReference | undefined =
      tag !== null ? { tag } : digest !== null ? { digest } : undefined;
    if (!reference) continue;
    await deleteManifest(oci, repository, reference).catch((error: unknown) => {
      // A run that was killed has deleted it already.
      if (!isRegistryError(error, 'manifest.notFound')) throw error;
    });
  }
}
