import { recordAudit } from '../audit/record.ts';
import { contentOf } from '../blobs/content.ts';
import type { Content, Digest } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import { maxProvenanceBytes } from '../registry/provenance.ts';
import { putVersion } from '../registry/publish.ts';
import { examineOnFailure } from '../registry/read-stored.ts';
import type { VersionRef } from '../registry/registry.ts';
import { checkMayReplace, checkMutable } from '../registry/revision.ts';
import type { StoredVersion } from '../registry/version-lookup.ts';
import type { OciDigest } from './digest.ts';
import { contentOfStored } from './finish-upload.ts';
import { linkAddedManifest, linkManifestToVersion } from './link-version.ts';
import type { Descriptor, OciManifest } from './manifest.ts';
import { addManifest } from './manifest-rows.ts';
import { isArchiveLayer, mediaTypes } from './media-types.ts';
import { chartNameOf, type RepositoryRef, versionOfTag } from './names.ts';
import type { OciDeps } from './oci.ts';
import { findTagDigest } from './read-chart-manifest.ts';
import { maxReceivedBytes } from './received-blobs.ts';
import { uploadOwnerOf } from './uploads.ts';

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

/** Options of storing a chart's manifest. */
export interface PushChartOptions {
  /** Decides in the transaction whether anything is written; absent for always. */
  review?(found: { tx: Transaction; before: StoredVersion | undefined; archive: Digest }): Promise<boolean>;
  /** Whether its provenance file is not part of the version, since it does not fit; default false. */
  withoutProvenance?: boolean;
}

/**
 * Stores a chart's manifest as a version of the space.
 * The effect is that of uploading its layers, which the repository has already.
 * @throws {RegistryError} as `putVersion`; `manifest.invalid`, `manifest.incomplete`
 */
export async function pushChart(
  oci: OciDeps,
  repository: RepositoryRef,
  tag: string,
  ref: VersionRef,
  manifest: OciManifest,
  stored: { digest: OciDigest; content: Buffer },
  { review, withoutProvenance = false }: PushChartOptions = {},
): Promise<void> {
  const { archive, provenance } = await openLayers(oci, repository, manifest);
  const put = () =>
    putVersion(
      oci,
      ref,
      archive,
      withoutProvenance ? undefined : provenance,
      async ({ before, write, tx, mayReplace, provenance: newProvenance }) => {
        if (review && !(await review({ tx, before, archive: archive.digest }))) return;
        const pushed = { archive: archive.digest, provenance: newProvenance ?? null };
        // Rows of blobs and manifests are locked before those of charts, as where a manifest is deleted.
        const adding = addManifest(tx, oci, repository, manifest, stored);
        if (!before) {
          const writing = write();
          const linking = linkAddedManifest(tx, { ref, repository, digest: stored.digest, tag });
          const [ids, [id, linked]] = await awaitInOrder(adding, awaitInOrder(writing, linking));
          // Not linked yet where the manifest had to wait for rows of its blobs.
          const overwrites = linked ?? (await linkManifestToVersion(tx, { id, ...pushed }, ids, tag));
          return checkMayReplace(ref, { overwrites, mayReplace });
        }
        const [ids, previousDigest] = await awaitInOrder(adding, findTagDigest(tx, repository, tag));
        // Clients that pull by the tag notice another manifest, even of the same archive.
        const overwrites = previousDigest !== stored.digest;
        const isSameContent =
          before.archive === archive.digest &&
          (newProvenance === undefined || newProvenance === before.provenance);
        if (!isSameContent) {
          const id = await write({ overwrites });
          await linkManifestToVersion(tx, { id, ...pushed }, ids, tag);
          return;
        }
        await linkManifestToVersion(tx, before, ids, tag);
        checkMayReplace(ref, { overwrites, mayReplace });
        if (!overwrites) return;
        await checkMutable(tx, ref);
        await recordAudit(tx, oci.actor, {
          action: 'manifest.put',
          right: 'chart.replace',
          ...ref,
          digests: { before: previousDigest, after: stored.digest },
        });
      },
      { createdAt: readCreationTime(manifest) },
    );
  await examineOnFailure(oci, archive.digest, put);
}

/** Reads when a chart was pushed at first: a copy from another registry has the annotation of that push. */
function readCreationTime({ annotations }: OciManifest): Date | undefined {
  const time = Date.parse(annotations?.['org.opencontainers.image.created'] ?? '');
  // A clock that is ahead, and years that PostgreSQL does not know, say nothing.
  return time >= 0 && time <= Date.now() ? new Date(time) : undefined;
}

async function openLayers(
  oci: OciDeps,
  repository: RepositoryRef,
  { layers }: OciManifest,
): Promise<{ archive: Content; provenance: Buffer | undefined }> {
  const layer = layers.find(isArchiveLayer);
  if (!layer)
    throw new RegistryError('manifest.invalid', `A chart needs a layer of type ${mediaTypes.chartArchive}.`);
  const archive = await openLayer(oci, repository, layer);
  const { packed } = oci.limits;
  if (archive.size > packed)
    throw new RegistryError('upload.tooLarge', `The archive is over ${packed} bytes, the limit here.`, {
      limit: packed,
    });
  const signature = layers.find(({ mediaType }) => mediaType === mediaTypes.chartProvenance);
  return {
    archive,
    provenance: signature && (await readContentIntoMemory(await openLayer(oci, repository, signature))),
  };
}

/** Opens a layer; one that is small is read into memory, or is there since its upload. */
async function openLayer(oci: OciDeps, repository: RepositoryRef, { digest }: Descriptor): Promise<Content> {
  const received = oci.receivedBlobs.get(await uploadOwnerOf(oci.actor), repository, digest);
  if (received) return received;
  const found = await oci.findBlob({ repository, digest }).catch((error: unknown) => {
    if (!isRegistryError(error, 'blob.notFound')) throw error;
    throw new RegistryError('manifest.incomplete', `${error.message} Push it first.`, { digests: [digest] });
  });
  if (!found.blob)
    throw new RegistryError('manifest.invalid', `${digest} is a configuration, not a layer of a chart.`);
  const content = contentOfStored(oci.blobs, { digest: found.blob, size: found.size });
  return found.size > maxReceivedBytes ? content : contentOf(await readContentIntoMemory(content));
}

/** Reads content into memory. Reading stops above the limit of provenance files, which are refused later. */
async function readContentIntoMemory({ bytes, open }: Content): Promise<Buffer> {
  if (bytes) return bytes;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of open()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxProvenanceBytes) break;
  }
  return Buffer.concat(chunks);
}

/** Waits for the statements of two calls that were sent together. @throws the error of the first before that of the second */
async function awaitInOrder<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  second.catch(() => undefined);
  return [await first, await second];
}
