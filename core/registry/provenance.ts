import { recordAudit } from '../audit/record.ts';
import { contentOf } from '../blobs/content.ts';
import type { Content, Digest } from '../blobs/port.ts';
import { checkProvenance, readProvenance } from '../chart/provenance.ts';
import { RegistryError } from '../errors.ts';
import { storeBlob } from './blob-references.ts';
import { checkVersionRef, versionNameOf } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { bumpRevision } from './revision.ts';
import { versionIdSql } from './version-lookup.ts';

/** Largest provenance file in bytes (1 MiB), ten times the largest Chart.yaml of public charts. */
export const maxProvenanceBytes = 1024 * 1024;

/** A provenance file as it is stored. */
export interface StoredProvenance {
  digest: Digest;
  /** Bytes. */
  size: number;
}

/**
 * Checks that a provenance file signs an archive, and makes it content to be stored.
 * @param archive digest of the archive
 * @throws {RegistryError} `provenance.invalid`, `provenance.mismatch`
 */
export function toCheckedProvenance(bytes: Buffer, ref: VersionRef, archive: Digest): Content {
  if (bytes.length > maxProvenanceBytes) {
    throw new RegistryError(
      'provenance.invalid',
      `The provenance file is over ${maxProvenanceBytes} bytes, the limit here. Sign the chart again with \`helm package --sign\`: one that Helm makes is far smaller.`,
    );
  }
  checkProvenance(bytes, ref.chart, ref.version, archive);
  return contentOf(bytes);
}

/**
 * Stores the provenance file of an existing version.
 * An immutable version may get a provenance file, which is immutable then.
 * @param options.overwrite whether to replace another provenance file; default true
 * @throws {RegistryError} `version.notFound`, or that of its chart or space, `provenance.invalid`,
 *   `provenance.mismatch`, `provenance.exists`, `version.immutable`, `resource.locked`
 */
export async function attachProvenance(
  registry: RegistryDeps,
  ref: VersionRef,
  bytes: Buffer,
  { overwrite = true }: { overwrite?: boolean } = {},
): Promise<void> {
  const { archive } = await findVersionBlobs(registry, ref);
  const provenance = toCheckedProvenance(bytes, ref, archive);
  const spaceId = await registry.actor.require('chart.publish', ref);
  const mayReplace = await registry.actor.may('chart.replace', { ...ref, spaceId });
  await storeBlob(registry, provenance, (blob) =>
    registry.locks.write([ref.space, ref.chart, ref.version], async (tx) => {
      await registry.actor.confirm(tx, 'chart.publish', { ...ref, spaceId });
      await blob.lockStored(tx);
      const [attached] = await tx.query<{
        space_id: number;
        archive: Digest;
        before: Digest | null;
        had: boolean;
        same: boolean;
        overwrites: boolean;
      }>(
        `UPDATE versions v SET provenance = $4, provenance_size = $5
           FROM versions before JOIN charts c ON c.id = before.chart_id
          WHERE v.id = before.id AND before.id = ${versionIdSql('$1', '$2', '$3')}
          RETURNING c.space_id, v.digest AS archive, before.provenance AS before, before.provenance IS NOT NULL AS had,
                    before.provenance IS NOT DISTINCT FROM v.provenance AS same,
                    before.provenance IS NOT NULL AND before.provenance <> v.provenance AS overwrites`,
        [ref.space, ref.chart, ref.version, provenance.digest, provenance.size],
      );
      if (!attached) throw await explainMissing(tx, ref, registry.suggestible);
      if (attached.had && !overwrite) throw provenanceExists(ref);
      // The archive may have been replaced since its digest was read.
      if (attached.archive !== archive) checkProvenance(bytes, ref.chart, ref.version, attached.archive);
      if (attached.same) return;
      await bumpRevision(tx, attached.space_id, ref, { overwrites: attached.overwrites, mayReplace });
      await recordAudit(tx, registry.actor, {
        action: 'provenance.put',
        right: attached.overwrites ? 'chart.replace' : 'chart.publish',
        ...ref,
        digests: { before: attached.before ?? undefined, after: provenance.digest },
      });
    }),
  );
}

/**
 * Stores a provenance file for the version that the file itself names.
 * @throws {RegistryError} as `attachProvenance`
 */
export async function attachProvenanceFile(
  registry: RegistryDeps,
  space: string,
  bytes: Buffer,
  options: { overwrite?: boolean } = {},
): Promise<void> {
  const { chart, version } = readProvenance(bytes);
  await attachProvenance(registry, { space, chart, version }, bytes, options);
}

function provenanceExists(ref: VersionRef): RegistryError {
  return new RegistryError(
    'provenance.exists',
    `${versionNameOf(ref)} has a provenance file already, which stays. Upload the archive again with the new one, where the space lets versions be replaced.`,
  );
}

/**
 * Finds the provenance file of a version; its bytes are `registry.blobs.open(digest)`.
 * @throws {RegistryError} `provenance.notFound` for a version without one; `version.notFound`, or that of its chart or
 *   space
 */
export async function findProvenance(registry: RegistryDeps, ref: VersionRef): Promise<StoredProvenance> {
  const { digest, size } = await findVersionBlobs(registry, ref);
  if (digest !== null && size !== null) return { digest, size };
  throw new RegistryError('provenance.notFound', `${versionNameOf(ref)} has no provenance file.`);
}

async function findVersionBlobs(registry: RegistryDeps, ref: VersionRef) {
  checkVersionRef(ref);
  const [row] = await registry.db.query<{ archive: Digest; digest: Digest | null; size: number | null }>(
    `SELECT v.digest AS archive, v.provenance AS digest, v.provenance_size AS size
       FROM versions v
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [ref.space, ref.chart, ref.version],
  );
  if (!row) throw await explainMissing(registry.db, ref, registry.suggestible);
  return row;
}
