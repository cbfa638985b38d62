import { recordAudit } from '../audit/record.ts';
import type { Digest } from '../blobs/port.ts';
import { valuesComputationVersion } from '../chart/compute-values.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import { checkVersionRef, versionNameOf } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { bumpRevision } from '../registry/revision.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import { hasVersion } from '../registry/version-lookup.ts';
import { createVersionExistsError } from '../registry/version-rows.ts';
import { isWithinRestoreTimeSql } from './list-deleted.ts';
import { type DeletedManifest, lockBlobsOfDeleted, restoreManifest } from './restore-manifest.ts';

/** Version that is there again. */
export interface RestoredVersion extends VersionRef {
  digest: Digest;
  /** Whether its OCI manifest has the digest that it had, by which signatures name it; null where none was kept. */
  sameManifest: boolean | null;
  /** Whether its lineage is there again; null for a version that was uploaded. */
  lineage: boolean | null;
}

interface DeletedRow extends DeletedManifest {
  id: number;
  digest: Digest;
  size: number;
  provenance: Digest | null;
  provenanceSize: number | null;
  isComposed: boolean;
}

/**
 * Restores a deleted version: archive, provenance file, metadata, author, times, lineage and OCI manifest. Retention leaves
 * it from then on.
 * @param options.restoreSeconds time since its deletion within which it can be restored
 * @param options.digest archive of the deletion to undo, where there are several; that of the last one by default
 * @throws {RegistryError} `deletion.notFound`, `deletion.final` where the store has lost the archive, `version.exists`,
 *   `space.notFound`, `resource.locked`, those of a missing right
 */
export async function restoreVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  options: { restoreSeconds: number; digest?: string | undefined },
): Promise<RestoredVersion> {
  checkVersionRef(ref);
  return registry.locks.write([ref.space, ref.chart, ref.version], async (tx) => {
    // The lock may have been waited for, and the right may be gone since.
    await registry.actor.confirm(tx, 'chart.delete', ref);
    const spaceId = await findSpaceId(tx, ref.space);
    if (spaceId === undefined) throw await explainMissing(tx, { space: ref.space }, registry.suggestible);
    if (await hasVersion(tx, ref)) throw await createVersionExistsError(tx, ref);
    const deleted = await findDeleted(tx, spaceId, ref, options);
    if (!deleted) throw nothingToRestore(ref, options.digest);
    await assertFilesStored(tx, registry, ref, deleted);
    await lockBlobsOfDeleted(tx, ref, deleted);
    const added = await insertRestoredVersion(tx, spaceId, ref, deleted.id);
    if (deleted.isComposed) await addLineage(tx, added.id, deleted.id);
    const version = { id: added.id, archive: deleted.digest, provenance: deleted.provenance };
    const sameManifest = await restoreManifest(tx, registry, ref, version, deleted);
    await tx.query('DELETE FROM deleted_versions WHERE id = $1', [deleted.id]);
    await bumpRevision(tx, spaceId, ref, {
      versions: 1,
      charts: added.isNewChart ? 1 : 0,
      bytes: deleted.size,
    });
    await recordAudit(tx, registry.actor, {
      action: 'version.restore',
      right: 'chart.delete',
      ...ref,
      digests: { after: deleted.digest },
    });
    return { ...ref, digest: deleted.digest, sameManifest, lineage: deleted.isComposed || null };
  });
}

/** Finds what was deleted last, of all or with a digest, and locks its row against the purge. */
async function findDeleted(
  tx: Transaction,
  spaceId: number,
  { chart, version }: VersionRef,
  { restoreSeconds, digest }: { restoreSeconds: number; digest?: string | undefined },
): Promise<DeletedRow | undefined> {
  const [row] = await tx.query<DeletedRow>(
    `SELECT id, digest, size, provenance, provenance_size AS "provenanceSize", lineage IS NOT NULL AS "isComposed",
            manifest, manifest_digest AS "manifestDigest", manifest_type AS "manifestType", manifest_counted AS "manifestCounted"
       FROM deleted_versions
      WHERE space_id = $1 AND ${isWithinRestoreTimeSql} AND chart = $3 AND version = $4 AND ($5::text IS NULL OR digest = $5)
      ORDER BY id DESC LIMIT 1 FOR UPDATE`,
    [spaceId, restoreSeconds, chart, version, digest ?? null],
  );
  return row;
}

function nothingToRestore(ref: VersionRef, digest: string | undefined): RegistryError {
  const which = digest === undefined ? '' : ` with the archive ${digest}`;
  return new RegistryError(
    'deletion.notFound',
    `No deletion of ${versionNameOf(ref)}${which} is known that can be undone: they are kept for a time (RESTORE_FOR). List those of the space: GET /api/v1/spaces/${ref.space}/deleted.`,
  );
}

/**
 * Checks, under the locks by which nothing deletes them, that the store has the files of a version.
 * @throws {RegistryError} `deletion.final`
 */
async function assertFilesStored(
  tx: Transaction,
  { blobs }: RegistryDeps,
  ref: VersionRef,
  { digest, size, provenance, provenanceSize }: DeletedRow,
): Promise<void> {
  const files = [
    { digest, size },
    ...(provenance ? [{ digest: provenance, size: provenanceSize ?? 0 }] : []),
  ];
  const faults = await lockBlobsShared(
    tx,
    files.map((file) => file.digest),
  );
  for (const file of files) {
    const stored = faults.has(file.digest) ? undefined : await blobs.stat(file.digest);
    if (stored?.size === file.size) continue;
    throw new RegistryError(
      'deletion.final',
      `${versionNameOf(ref)} cannot be restored: the store no longer has ${file.digest}. Upload the chart again.`,
      { digest: file.digest },
    );
  }
}

async function insertRestoredVersion(
  tx: Transaction,
  spaceId: number,
  { chart }: VersionRef,
  deletedId: number,
): Promise<{ id: number; isNewChart: boolean }> {
  const [grown] = await tx.query<{ id: number; isNew: boolean }>(
    `INSERT INTO charts (space_id, name, version_count) VALUES ($1, $2, 1)
     ON CONFLICT (space_id, name) DO UPDATE SET version_count = charts.version_count + 1
     RETURNING id, version_count = 1 AS "isNew"`,
    [spaceId, chart],
  );
  const [added] = await tx.query<{ id: number }>(
    `INSERT INTO versions (chart_id, version, sort_key, digest, size, metadata, entry, provenance, provenance_size,
                           author_id, author, created_at, updated_at, values_computation, restored_at)
     SELECT $1, version, sort_key, digest, size, metadata, entry, provenance, provenance_size,
            author_id, author, created_at, updated_at, ${valuesComputationVersion}, clock_timestamp()
       FROM deleted_versions WHERE id = $2 RETURNING id`,
    [grown?.id, deletedId],
  );
  if (!grown || !added) throw new Error('the INSERT of a restored version added no row');
  return { id: added.id, isNewChart: grown.isNew };
}

async function addLineage(tx: Transaction, versionId: number, deletedId: number): Promise<void> {
  await tx.query(
    `WITH deleted AS (SELECT lineage, lineage_sources FROM deleted_versions WHERE id = $2), line AS (
       INSERT INTO lineage SELECT r.* FROM deleted,
         jsonb_populate_record(NULL::lineage, deleted.lineage || jsonb_build_object('version_id', $1::bigint)) AS r
       RETURNING version_id
     )
     INSERT INTO lineage_sources (space, chart, version, version_id, digest)
     SELECT s.space, s.chart, s.version, line.version_id, s.digest
       FROM line, deleted, jsonb_to_recordset(deleted.lineage_sources) AS s (space text, chart text, version text, digest text)`,
    [versionId, deletedId],
  );
}
