import type { RegistryDeps } from '../registry/registry.ts';
import { type BatchedCall, batchCalls } from '../runtime/batch-calls.ts';
import { type BlobLink, linkBlobs } from './link-blobs.ts';
import { createOciLookups, type OciLookups } from './lookups.ts';
import { createManifestReader, type ReadReceivedManifest } from './manifest-reader.ts';
import type { NestedCharts } from './nested-charts.ts';
import { createReceivedBlobs, type ReceivedBlobs } from './received-blobs.ts';
import { createUploadIds, type UploadIds } from './upload-ids.ts';
import { findUploadRows, type UploadRow } from './upload-rows.ts';

/** Dependencies of the use cases that push and pull content. */
export interface OciDeps extends RegistryDeps, OciLookups {
  uploadIds: UploadIds;
  /** Finds the row of an upload session, if it has one. */
  findUploadRow: BatchedCall<string, UploadRow | undefined>;
  /** Adds a stored blob to a repository. @returns false where that cannot be done with others; see `linkBlobs` */
  linkWithOthers: BatchedCall<BlobLink, boolean>;
  receivedBlobs: ReceivedBlobs;
  readManifest: ReadReceivedManifest;
  nestedCharts: NestedCharts;
}

/** Largest numbers of questions and of blobs in one transaction. */
const maxBatch = 100;

/**
 * Creates the dependencies of pushes and pulls.
 * @param options.expirySeconds time after which an idle upload session expires
 * @param options.admit checks that there is room in memory for manifests
 */
export function createOciDeps(
  registry: RegistryDeps,
  {
    expirySeconds,
    nestedCharts,
    admit,
  }: { expirySeconds: number; nestedCharts: NestedCharts; admit: () => Promise<void> },
): OciDeps {
  const { db } = registry;
  return {
    ...registry,
    ...createOciLookups(registry, admit),
    uploadIds: createUploadIds(db, expirySeconds * 1000),
    findUploadRow: batchCalls((keys) => findUploadRows(db, keys), { max: maxBatch }),
    linkWithOthers: batchCalls((links) => linkBlobs(registry, links), { max: maxBatch }),
    receivedBlobs: createReceivedBlobs(),
    readManifest: createManifestReader(registry.charts),
    nestedCharts,
  };
}
