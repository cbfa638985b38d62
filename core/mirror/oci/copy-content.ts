import { isRegistryError } from '../../errors.ts';
import type { OciDigest } from '../../oci/digest.ts';
import { findManifests, type LookedUpManifest } from '../../oci/find-manifests.ts';
import { blobsOfManifest, type OciManifest } from '../../oci/manifest.ts';
import { isArchiveLayer } from '../../oci/media-types.ts';
import type { RepositoryRef } from '../../oci/names.ts';
import { putManifest } from '../../oci/put-manifest.ts';
import type { ManifestReference } from '../../oci/read-manifest.ts';
import { storeWholeBlob } from '../../oci/store-whole-blob.ts';
import type { MirrorDeps } from '../mirror-deps.ts';
import { UpstreamFault } from '../upstream-fault.ts';
import type { UpstreamManifest, UpstreamRepository } from './upstream-registry.ts';

/** Repository of an upstream, and the one here that becomes its copy. */
export interface CopiedRepository {
  from: UpstreamRepository;
  to: RepositoryRef;
  /** Tags of the upstream. */
  tags: readonly string[];
}

/** Largest number of blobs, and of listed manifests, of one manifest. */
const maxPartsOfManifest = 100;

/** Counts the bytes of a manifest that is about to be copied. @throws for more than may be */
export type ChargeManifest = (manifest: OciManifest) => void;

/** Copies the blobs of a manifest that are not here. @throws {UpstreamFault}, {RegistryError} */
export async function copyBlobs(
  deps: MirrorDeps,
  { from, to }: CopiedRepository,
  manifest: OciManifest,
): Promise<void> {
  const missing = new Set<OciDigest>(blobsOfManifest(manifest).required);
  assertFewParts(from, missing.size);
  for (const descriptor of [manifest.config, ...manifest.layers]) {
    if (!descriptor || !missing.delete(descriptor.digest)) continue;
    if (await hasBlob(deps, to, descriptor.digest)) continue;
    const limit = isArchiveLayer(descriptor) ? deps.maxArchiveBytes : deps.maxBlobBytes;
    const blob = await from.blob(descriptor, limit, deps.uploadFolder);
    try {
      await storeWholeBlob(deps.oci, to, blob, descriptor.digest);
    } finally {
      await blob.discard();
    }
  }
}

async function hasBlob({ oci }: MirrorDeps, repository: RepositoryRef, digest: OciDigest): Promise<boolean> {
  try {
    await oci.findBlob({ repository, digest });
    return true;
  } catch (error) {
    if (isRegistryError(error, 'blob.notFound')) return false;
    throw error;
  }
}

/** Finds a manifest that is here. */
export async function findMirroredManifest(
  { oci }: MirrorDeps,
  repository: RepositoryRef,
  reference: ManifestReference,
): Promise<LookedUpManifest | undefined> {
  const [found] = await findManifests(oci.db, [{ repository, reference }]);
  return found === undefined || found === 'not generated' ? undefined : found;
}

/**
 * Copies a manifest that is not a chart's. Blobs and the images that it lists are copied too.
 * @param charge is called for it, and for each image that it lists
 * @param tag that it gets; absent for none
 * @throws {UpstreamFault}, {RegistryError}
 */
export async function copyArtifact(
  deps: MirrorDeps,
  repository: CopiedRepository,
  { digest, content, contentType }: UpstreamManifest,
  charge: ChargeManifest,
  tag?: string,
): Promise<void> {
  const { from, to } = repository;
  const manifest = await deps.oci.readManifest(to.space, { digest, content }, contentType);
  assertFewParts(from, manifest.manifests.length);
  charge(manifest);
  for (const child of manifest.manifests) {
    if (await findMirroredManifest(deps, to, { digest: child.digest })) continue;
    const image = await from.manifest(child.digest);
    const listed = await deps.oci.readManifest(to.space, image, image.contentType);
    charge(listed);
    await copyBlobs(deps, repository, listed);
    await putManifest(deps.oci, to, { digest: image.digest, tags: [] }, image.content, image.contentType);
  }
  await copyBlobs(deps, repository, manifest);
  await putManifest(deps.oci, to, { digest, tags: tag === undefined ? [] : [tag] }, content, contentType);
}

function assertFewParts({ name }: UpstreamRepository, parts: number): void {
  if (parts <= maxPartsOfManifest) return;
  throw new UpstreamFault(
    'upstream.invalid',
    `${name} has a manifest of ${parts} parts; at most ${maxPartsOfManifest} are allowed.`,
  );
}
