import type { Transaction } from '../db/port.ts';
import { lockBlobsShared, type StagedBlob, storeBlob } from './blob-references.ts';
import type { RegistryDeps, VersionRef } from './registry.ts';
import { findSpaceId } from './space-rows.ts';
import type { VersionContent } from './version-columns.ts';
import { findVersion, type StoredVersion } from './version-lookup.ts';

/** Rows that the transaction of a write has read under its locks. */
interface FoundRows {
  /** Id of the space, if it exists. */
  spaceId: number | undefined;
  /** The version, if it exists. */
  before: StoredVersion | undefined;
}

type WriteRows = (tx: Transaction, found: FoundRows) => Promise<void>;

/**
 * Puts the blobs of a version, and runs what references them.
 * @param reference adds the references under the locks of the blobs; when it fails, the blobs are rolled back
 */
export function stageVersion<T>(
  deps: Pick<RegistryDeps, 'db' | 'blobs'>,
  { content, provenance }: VersionContent,
  reference: (blobs: readonly StagedBlob[]) => Promise<T>,
): Promise<T> {
  return storeBlob(deps, content, (archive) =>
    provenance
      ? storeBlob(deps, provenance, (signature) => reference([archive, signature]))
      : reference([archive]),
  );
}

/**
 * Runs a transaction with locks on a version and its staged blobs. `stageVersion` has put the blobs.
 * @param write gets the space and the version, if they exist
 * @throws {RegistryError} `resource.locked`
 */
export function writeStaged(
  { locks }: RegistryDeps,
  ref: VersionRef,
  blobs: readonly StagedBlob[],
  write: WriteRows,
): Promise<void> {
  const digests = blobs.map(({ digest }) => digest);
  return locks.withLock(
    [ref.space, ref.chart, ref.version],
    (tx) => Promise.all([findSpaceId(tx, ref.space), findVersion(tx, ref), lockBlobsShared(tx, digests)]),
    async (tx, [spaceId, before, faults]) => {
      for (const blob of blobs) await blob.ensureStored(tx, faults);
      await write(tx, { spaceId, before });
    },
  );
}

/** Puts the blobs of a version, then runs `write` as `writeStaged` does. */
export function writeVersion(
  registry: RegistryDeps,
  ref: VersionRef,
  content: VersionContent,
  write: WriteRows,
): Promise<void> {
  return stageVersion(registry, content, (blobs) => writeStaged(registry, ref, blobs, write));
}
