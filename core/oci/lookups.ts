import type { RegistryDeps } from '../registry/registry.ts';
import { batchCalls } from '../runtime/batch-calls.ts';
import { type BlobRef, blobNotFoundError, type FoundBlob, findBlobs } from './blobs.ts';
import { findManifests, type LookedUpManifest, type ManifestRef } from './find-manifests.ts';
import { assertKeptWhole } from './kept-content.ts';
import { readChartManifest } from './read-chart-manifest.ts';
import { manifestNotFound } from './read-manifest.ts';

/** Lookups of blobs and manifests: those that arrive together share a query. */
export interface OciLookups {
  /** Finds a blob of a repository, also the archive of a version. @throws {RegistryError} `blob.notFound` */
  findBlob(ref: BlobRef): Promise<FoundBlob>;
  /**
   * Finds a manifest, byte for byte as it was pushed. For a tag that is a version of the repository's chart, the result
   * is the version's manifest.
   * @throws {RegistryError} `manifest.notFound`, `blob.damaged`; `service.busy` without room in memory
   */
  findManifest(ref: ManifestRef): Promise<LookedUpManifest>;
}

/** Largest number of lookups in a query; a manifest has up to 4 MiB. */
const maxBatch = { blobs: 100, manifests: 16 };

/**
 * Creates the lookups of a process.
 * @param admit checks before each query for manifests that there is room in memory
 */
export function createOciLookups(registry: RegistryDeps, admit: () => Promise<void>): OciLookups {
  const { db } = registry;
  const askBlobs = batchCalls((refs: BlobRef[]) => findBlobs(db, refs), { max: maxBatch.blobs });
  const findAdmitted = async (refs: ManifestRef[]) => {
    await admit();
    return findManifests(db, refs);
  };
  const askManifests = batchCalls(findAdmitted, { max: maxBatch.manifests });

  return {
    async findBlob(ref) {
      const found = await askBlobs(ref.repository.space, ref);
      if (found) return found;
      throw blobNotFoundError(ref.repository, ref.digest);
    },
    async findManifest(ref) {
      const { repository, reference } = ref;
      let found = await askManifests(repository.space, ref);
      // Generated and stored by the first request for it.
      if (found === 'not generated' && 'tag' in reference)
        found = await readChartManifest(registry, repository, reference.tag);
      if (!found || found === 'not generated') throw manifestNotFound(repository, reference);
      assertKeptWhole(found.digest, found.content);
      return found;
    },
  };
}
