import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';

/**
 * Stores which manifest is that of a version.
 * The link is valid as long as the version has this archive and this provenance file.
 */
export async function linkManifestToVersion(
  tx: Transaction,
  versionId: number,
  manifestId: number,
  archive: Digest,
  provenance: Digest | null,
): Promise<void> {
  await tx.query(
    // A manifest that was retired, because its version changed, is in use again.
    `WITH kept AS (UPDATE oci_manifests SET retired_at = NULL WHERE id = $2 AND retired_at IS NOT NULL)
     INSERT INTO oci_chart_manifests (version_id, manifest_id, archive, provenance) VALUES ($1, $2, $3, $4)
     ON CONFLICT (version_id) DO UPDATE SET manifest_id = excluded.manifest_id, archive = excluded.archive,
                                            provenance = excluded.provenance`,
    [versionId, manifestId, archive, provenance],
  );
}
