import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';

/** Says which manifest is the version's, as long as it has this archive and this provenance. */
export async function linkManifestToVersion(
  tx: Transaction,
  versionId: number,
  manifestId: number,
  archive: Digest,
  provenance: Digest | null,
): Promise<void> {
  await tx.query(
    // It may have been a version's before, and have been let go of.
    `WITH kept AS (UPDATE oci_manifests SET retired_at = NULL WHERE id = $2 AND retired_at IS NOT NULL)
     INSERT INTO oci_chart_manifests (version_id, manifest_id, archive, provenance) VALUES ($1, $2, $3, $4)
     ON CONFLICT (version_id) DO UPDATE SET manifest_id = excluded.manifest_id, archive = excluded.archive,
                                            provenance = excluded.provenance`,
    [versionId, manifestId, archive, provenance],
  );
}
