import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { versionIdSql } from '../registry/version-lookup.ts';
import { addBlobRows } from './blob-rows.ts';
import { type ChartSource, makeChartManifest } from './chart-manifest.ts';
import { digestBySameAlgorithm, type OciDigest } from './digest.ts';
import { linkManifestToVersion } from './link-version.ts';
import { parseManifest } from './manifest.ts';
import { addManifest, type StoredManifest } from './manifest-rows.ts';
import { mediaTypes } from './media-types.ts';
import { chartNameOf, type RepositoryRef, versionOfTag } from './names.ts';
import { ensureRepository } from './repositories.ts';

/** A version that a tag stands for, with its manifest; `digest` is null while none is stored. */
interface TaggedVersion {
  id: number;
  entry: string;
  archive: Digest;
  archiveSize: number;
  provenance: Digest | null;
  provenanceSize: number | null;
  updatedAt: Date;
  digest: StoredManifest['digest'] | null;
  mediaType: string;
  size: number;
  content: Buffer;
}

/** Attempts to store the manifest of a version that another transaction is writing. */
const maxStoreAttempts = 40;

/** Milliseconds between these attempts. */
const retryDelayMs = 25;

/**
 * Reads the manifest of the version that a tag stands for. The first request generates and stores the manifest.
 * @returns undefined for a tag that is not an existing version
 */
export async function readChartManifest(
  registry: RegistryDeps,
  repository: RepositoryRef,
  tag: string,
): Promise<StoredManifest | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findTaggedVersion(registry.db, repository, tag);
    if (!found) return undefined;
    const { digest, mediaType, size, content } = found;
    if (digest !== null) return { digest, mediaType, size, content };
    const generated = generateManifest(found);
    // Clients next ask for the manifest by its digest, so it must be stored. The transaction that prevented this is
    // about to commit.
    if ((await storeManifest(registry, repository, found, generated)) || attempt === maxStoreAttempts)
      return generated.stored;
    await sleep(retryDelayMs);
  }
}

/** Finds the digest of a version's manifest, stored or as it would be generated. */
export async function findTagDigest(
  tx: Transaction,
  repository: RepositoryRef,
  tag: string,
): Promise<OciDigest | undefined> {
  const found = await findTaggedVersion(tx, repository, tag);
  return found && (found.digest ?? generateManifest(found).stored.digest);
}

async function findTaggedVersion(
  db: Queryable,
  repository: RepositoryRef,
  tag: string,
): Promise<TaggedVersion | undefined> {
  const [chart, version] = [chartNameOf(repository), versionOfTag(tag)];
  if (chart === undefined || version === undefined) return undefined;
  const [found] = await db.query<TaggedVersion>(
    `SELECT v.id, CASE WHEN m.id IS NULL THEN v.entry ELSE '' END AS entry, v.digest AS archive, v.size AS "archiveSize", v.provenance,
            v.provenance_size AS "provenanceSize", v.updated_at AS "updatedAt",
            m.digest, m.media_type AS "mediaType", octet_length(m.content) AS size, m.content
       FROM versions v
       LEFT JOIN oci_chart_manifests l ON l.version_id = v.id AND l.archive = v.digest
                                      AND l.provenance IS NOT DISTINCT FROM v.provenance
       LEFT JOIN oci_manifests m ON m.id = l.manifest_id
      WHERE v.id = ${versionIdSql('$1', '$2', '$3')}`,
    [repository.space, chart, version],
  );
  return found;
}

interface GeneratedManifest {
  stored: StoredManifest;
  config: Buffer;
  /** Layers of the manifest, which are in the store. */
  blobs: { digest: Digest; size: number }[];
}

function generateManifest(version: TaggedVersion): GeneratedManifest {
  const { entry, archive, archiveSize, provenance, provenanceSize, updatedAt } = version;
  const source: ChartSource = {
    entry,
    archive: { digest: archive, size: archiveSize },
    provenance:
      provenance !== null && provenanceSize !== null
        ? { digest: provenance, size: provenanceSize }
        : undefined,
    createdAt: updatedAt,
  };
  const { manifest, config } = makeChartManifest(source);
  const digest = digestBySameAlgorithm('sha256:', manifest);
  return {
    stored: { digest, mediaType: mediaTypes.image, size: manifest.length, content: manifest },
    config,
    blobs: [source.archive, ...(source.provenance ? [source.provenance] : [])],
  };
}

/**
 * Stores a generated manifest.
 * @returns false when the version has changed, or another transaction is writing the version
 */
async function storeManifest(
  registry: RegistryDeps,
  repository: RepositoryRef,
  version: TaggedVersion,
  { stored, config, blobs }: GeneratedManifest,
): Promise<boolean> {
  const storing = registry.db.transaction(async (tx) => {
    if (!(await tryLockVersion(tx, version))) return false;
    const repositoryId = await ensureRepository(tx, registry, repository);
    const configRow = {
      digest: digestBySameAlgorithm('sha256:', config),
      size: config.length,
      content: config,
    };
    await addBlobRows(tx, repositoryId, [...blobs, configRow]);
    const manifest = parseManifest(stored.content, stored.mediaType);
    const ids = await addManifest(tx, registry, repository, manifest, { ...stored, isGenerated: true });
    await linkManifestToVersion(tx, version, ids);
    return true;
  });
  return storing.catch((error: unknown) => {
    // An unreferenced blob of the repository was deleted meanwhile; the reader still gets the manifest.
    if (isRegistryError(error, 'manifest.incomplete')) return false;
    throw error;
  });
}

/**
 * Locks a version's row if the version is unchanged and no transaction is writing the row.
 * The row of its space is locked too: a transaction that deletes the space would wait for this one, and this one for that.
 */
async function tryLockVersion(tx: Transaction, { id, archive, provenance }: TaggedVersion): Promise<boolean> {
  const locked = await tx.query(
    `SELECT FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.id = $1 AND v.digest = $2 AND v.provenance IS NOT DISTINCT FROM $3
        FOR SHARE OF v SKIP LOCKED FOR KEY SHARE OF s SKIP LOCKED`,
    [id, archive, provenance],
  );
  return locked.length > 0;
}
