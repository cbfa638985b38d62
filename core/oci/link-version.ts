import type { Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import type { OciDigest } from './digest.ts';
import type { ManifestIds } from './manifest-rows.ts';
import type { RepositoryRef } from './names.ts';

/** A version's row and the content for which its manifest is valid. */
export interface LinkedVersion {
  id: number;
  archive: Digest;
  provenance: Digest | null;
}

/** End of the statements that store a link, whose part `untagged` ends the tag. */
const replaceLinkSql = `ON CONFLICT (version_id) DO UPDATE SET manifest_id = excluded.manifest_id,
       archive = excluded.archive, provenance = excluded.provenance
     RETURNING EXISTS (SELECT FROM untagged) AS "endsTag"`;

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
     ${replaceLinkSql}`,
    [id, manifest.id, archive, provenance, manifest.repositoryId, endedTag ?? null],
  );
  return linked?.endsTag === true;
}

/** Version and manifest that statements before have added, and the OCI tag of the version. */
export interface AddedManifest {
  ref: VersionRef;
  repository: RepositoryRef;
  digest: OciDigest;
  tag: string;
}

/**
 * Stores which manifest is that of a new version. It looks both up by their names, so that it can be sent behind the
 * statements that add them, without a wait for their ids.
 * @returns whether an OCI tag ends, because the version has its name; undefined where one of the two is not there,
 *   and nothing is done
 */
export async function linkAddedManifest(
  tx: Transaction,
  { ref: { space, chart, version }, repository, digest, tag }: AddedManifest,
): Promise<boolean | undefined> {
  const [linked] = await tx.query<{ endsTag: boolean }>(
    `WITH ids AS MATERIALIZED (
       SELECT v.id AS version_id, m.id AS manifest_id, m.repository_id, v.digest AS archive, v.provenance
         FROM (SELECT * FROM versions WHERE id = ${versionIdSql('$1', '$2', '$3')}) v
              CROSS JOIN (SELECT * FROM oci_manifests WHERE digest = $5 AND repository_id =
                (SELECT r.id FROM oci_repositories r WHERE r.name = $4 AND r.space_id =
                  (SELECT s.id FROM spaces s WHERE s.name = $1))) m
     ), kept AS (
       UPDATE oci_manifests m SET retired_at = NULL FROM ids WHERE m.id = ids.manifest_id AND m.retired_at IS NOT NULL
     ), untagged AS (
       DELETE FROM oci_tags t USING ids WHERE t.repository_id = ids.repository_id AND t.name = $6 RETURNING t.name
     )
     INSERT INTO oci_chart_manifests (version_id, manifest_id, archive, provenance)
     SELECT version_id, manifest_id, archive, provenance FROM ids
     ${replaceLinkSql}`,
    [space, chart, version, repository.name, digest, tag],
  );
  return linked?.endsTag;
}
