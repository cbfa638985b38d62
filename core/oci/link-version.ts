import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import type { ManifestIds } from './manifest-rows.ts';

/** A version's row and the content for which its manifest is valid. */
export interface LinkedVersion {
  id: number;
  archive: Digest;
  provenance: Digest | null;
}

/**
 * Stores which manifest is that of a version.
 * The link is valid as long as the version has this archive and this provenance file.
 * @param endedTag an OCI tag of the repository that ends, because the version has its name
 * @returns whether that tag was there
 */
export async function linkManifestToVersion(
  tx: Transaction,
  { id, archive, provenance }: LinkedVersion,
  manifest: ManifestIds,
  endedTag?: string,
): Promise<boolean> {
  const [linked] = await tx.query<{ endsTag: boolean }>(
    // A manifest that was retired, because its version changed, is in use again.
    `WITH kept AS (UPDATE oci_manifests SET retired_at = NULL WHERE id = $2 AND retired_at IS NOT NULL),
          untagged AS (DELETE FROM oci_tags WHERE repository_id = $5 AND name = $6 RETURNING name)
     INSERT INTO oci_chart_manifests (version_id, manifest_id, archive, provenance) VALUES ($1, $2, $3, $4)
     ON CONFLICT (version_id) DO UPDATE SET manifest_id = excluded.manifest_id, archive = excluded.archive,
                                            provenance = excluded.provenance
     RETURNING EXISTS (SELECT FROM untagged) AS "endsTag"`,
    [id, manifest.id, archive, provenance, manifest.repositoryId, endedTag ?? null],
  );
  return linked?.endsTag === true;
}
