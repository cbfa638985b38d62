import type { Content } from '../blobs/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import { maxProvenanceBytes } from '../registry/provenance.ts';
import { putVersion } from '../registry/publish.ts';
import { examineOnFailure } from '../registry/read-stored.ts';
import type { RegistryDeps, VersionRef } from '../registry/registry.ts';
import { checkMutable } from '../registry/revision.ts';
import { findBlob } from './blobs.ts';
import type { OciDigest } from './digest.ts';
import { storedContent } from './finish-upload.ts';
import { linkManifestToVersion } from './link-version.ts';
import type { Descriptor, OciManifest } from './manifest.ts';
import { addManifest } from './manifest-rows.ts';
import { mediaTypes } from './media-types.ts';
import { chartNameOf, type RepositoryRef, versionOfTag } from './names.ts';
import { findTagDigest } from './read-chart-manifest.ts';

/**
 * Finds the version that a manifest becomes under a tag.
 * @returns undefined unless the manifest is a chart's and the tag a version
 */
export function findPushedVersion(
  repository: RepositoryRef,
  tag: string,
  manifest: OciManifest,
): VersionRef | undefined {
  const [chart, version] = [chartNameOf(repository), versionOfTag(tag)];
  if (chart === undefined || version === undefined) return undefined;
  if (manifest.config?.mediaType !== mediaTypes.chartConfig) return undefined;
  return { space: repository.space, chart, version };
}

/**
 * Stores a chart's manifest as a version of the space.
 * The effect is that of uploading its layers, which the repository has already.
 * @throws {RegistryError} as `putVersion`; `manifest.invalid`, `manifest.incomplete`
 */
export async function pushChart(
  registry: RegistryDeps,
  repository: RepositoryRef,
  tag: string,
  ref: VersionRef,
  manifest: OciManifest,
  stored: { digest: OciDigest; content: Buffer },
): Promise<void> {
  const { archive, provenance } = await openLayers(registry, repository, manifest);
  const put = () =>
    putVersion(
      registry,
      ref,
      archive,
      provenance,
      async ({ before, write, tx, provenance: newProvenance }) => {
        const previousDigest = before && (await findTagDigest(tx, repository, tag));
        const { id, repositoryId } = await addManifest(tx, registry, repository, manifest, stored);
        await tx.query('DELETE FROM oci_tags WHERE repository_id = $1 AND name = $2', [repositoryId, tag]);
        // Clients that pull by the tag notice another manifest, even of the same archive.
        const overwrites = before !== undefined && previousDigest !== stored.digest;
        const isSameContent =
          before?.archive === archive.digest &&
          (newProvenance === undefined || newProvenance === before.provenance);
        if (!isSameContent)
          return linkManifestToVersion(
            tx,
            await write({ overwrites }),
            id,
            archive.digest,
            newProvenance ?? null,
          );
        await linkManifestToVersion(tx, before.id, id, before.archive, before.provenance);
        if (overwrites) await checkMutable(tx, ref);
      },
    );
  await examineOnFailure(registry, archive.digest, put);
}

async function openLayers(
  registry: RegistryDeps,
  repository: RepositoryRef,
  { layers }: OciManifest,
): Promise<{ archive: Content; provenance: Buffer | undefined }> {
  const archiveTypes: string[] = [mediaTypes.chartArchive, mediaTypes.oldChartArchive];
  const layer = layers.find(({ mediaType }) => archiveTypes.includes(mediaType));
  if (!layer)
    throw new RegistryError('manifest.invalid', `A chart needs a layer of type ${mediaTypes.chartArchive}.`);
  const archive = await openLayer(registry, repository, layer);
  const { packed } = registry.limits;
  if (archive.size > packed)
    throw new RegistryError('upload.tooLarge', `The archive is over ${packed} bytes, the limit here.`, {
      limit: packed,
    });
  const signature = layers.find(({ mediaType }) => mediaType === mediaTypes.chartProvenance);
  return {
    archive,
    provenance: signature && (await readWhole(await openLayer(registry, repository, signature))),
  };
}

async function openLayer(
  registry: RegistryDeps,
  repository: RepositoryRef,
  { digest }: Descriptor,
): Promise<Content> {
  const found = await findBlob(registry.db, repository, digest).catch((error: unknown) => {
    if (!isRegistryError(error, 'blob.notFound')) throw error;
    throw new RegistryError('manifest.incomplete', `${error.message} Push it first.`, { digests: [digest] });
  });
  if (found.blob) return storedContent(registry.blobs, { digest: found.blob, size: found.size });
  throw new RegistryError('manifest.invalid', `${digest} is a configuration, not a layer of a chart.`);
}

/** Reads a provenance file into memory. Reading stops above the limit, and the file is refused later. */
async function readWhole(content: Content): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content.open()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxProvenanceBytes) break;
  }
  return Buffer.concat(chunks);
}
