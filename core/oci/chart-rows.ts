import type { Digest } from '../blobs/port.ts';
import type { Database, Transaction } from '../db/port.ts';
import type { Registry } from '../registry/registry.ts';
import { type ChartSource, makeChartManifest } from './chart-manifest.ts';
import { digestLike } from './digest.ts';
import { parseManifest } from './manifest.ts';
import { addManifest, type StoredManifest } from './manifest-rows.ts';
import { chartOf, type RepositoryRef, versionOf } from './names.ts';
import { ensureRepository } from './repositories.ts';

/** A version behind a tag, with its manifest if that is known. */
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

/** The manifest of the version that a tag stands for, which is made when it is first asked for; undefined for other tags. */
export async function readChartManifest(
  registry: Registry,
  repository: RepositoryRef,
  tag: string,
): Promise<StoredManifest | undefined> {
  const found = await findVersion(registry.db, repository, tag);
  if (!found) return undefined;
  const { digest, mediaType, size, content } = found;
  return digest === null ? makeManifest(registry, repository, found) : { digest, mediaType, size, content };
}

async function findVersion(
  db: Database,
  repository: RepositoryRef,
  tag: string,
): Promise<TaggedVersion | undefined> {
  const [chart, version] = [chartOf(repository), versionOf(tag)];
  if (chart === undefined || version === undefined) return undefined;
  const [found] = await db.query<TaggedVersion>(
    `SELECT v.id, CASE WHEN m.id IS NULL THEN v.entry ELSE '' END AS entry, v.digest AS archive, v.size AS "archiveSize", v.provenance,
            v.provenance_size AS "provenanceSize", v.updated_at AS "updatedAt",
            m.digest, m.media_type AS "mediaType", octet_length(m.content) AS size, m.content
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
       LEFT JOIN oci_chart_manifests l ON l.version_id = v.id AND l.archive = v.digest
                                      AND l.provenance IS NOT DISTINCT FROM v.provenance
       LEFT JOIN oci_manifests m ON m.id = l.manifest_id
      WHERE s.name = $1 AND c.name = $2 AND v.version = $3`,
    [repository.space, chart, version],
  );
  return found;
}

async function makeManifest(
  registry: Registry,
  repository: RepositoryRef,
  version: TaggedVersion,
): Promise<StoredManifest> {
  const { archive, archiveSize, provenance, provenanceSize } = version;
  const source: ChartSource = {
    entry: version.entry,
    archive: { digest: archive, size: archiveSize },
    provenance:
      provenance !== null && provenanceSize !== null
        ? { digest: provenance, size: provenanceSize }
        : undefined,
    createdAt: version.updatedAt,
  };
  const { manifest, config } = makeChartManifest(source);
  const parsed = parseManifest(manifest, undefined);
  const digest = digestLike('sha256:', manifest);
  await registry.db.transaction(async (tx) => {
    // Whoever writes the version at this moment is about to make another manifest the right one: this one is served, not kept.
    if (!(await holdVersion(tx, version))) return;
    const repositoryId = await ensureRepository(tx, registry, repository);
    const blobs = [source.archive, ...(source.provenance ? [source.provenance] : [])];
    await tx.query(
      `INSERT INTO oci_blobs (repository_id, digest, blob, size)
       SELECT $1, digest, digest, size FROM unnest($2::text[], $3::bigint[]) AS made (digest, size)
        ORDER BY digest ON CONFLICT DO NOTHING`,
      [repositoryId, blobs.map((blob) => blob.digest), blobs.map((blob) => blob.size)],
    );
    await tx.query(
      `INSERT INTO oci_blobs (repository_id, digest, content, size) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [repositoryId, digestLike('sha256:', config), config, config.length],
    );
    const { id } = await addManifest(tx, registry, repository, parsed, { digest, content: manifest });
    await linkVersion(tx, version.id, id, archive, provenance);
  });
  return { digest, mediaType: parsed.mediaType, size: manifest.length, content: manifest };
}

async function holdVersion(tx: Transaction, { id, archive, provenance }: TaggedVersion): Promise<boolean> {
  const held = await tx.query(
    `SELECT 1 FROM versions WHERE id = $1 AND digest = $2 AND provenance IS NOT DISTINCT FROM $3
        FOR SHARE SKIP LOCKED`,
    [id, archive, provenance],
  );
  return held.length > 0;
}

/** Says which manifest is the version's, as long as it has this archive and this provenance. */
export async function linkVersion(
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
