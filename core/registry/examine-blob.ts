import { inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { type BlobFault, faultError, isStoredWhole, recordInspection } from './blob-faults.ts';
import { isReferenced, lockBlobsShared } from './blob-references.ts';

/** Store that blobs lie in, and the database that knows which of them have a fault. */
export interface BlobDeps {
  db: Database;
  blobs: BlobStore;
}

/** Finding of {@link examineBlob}: a fault, that it is whole, or that no row needs it. */
export type Examination = BlobFault | 'whole' | 'unneeded';

/**
 * Reads a blob that looks faulty once more, while nobody can take its bytes away, and records what is found. So a read that
 * met a blob in the moment of its mending, or of its removal as garbage, marks nothing.
 * @throws what the store or the database fails with when it cannot be reached
 */
export function examineBlob({ db, blobs }: BlobDeps, digest: Digest): Promise<Examination> {
  return db.transaction(async (tx) => {
    await lockBlobsShared(tx, [digest]);
    if (!(await isReferenced(tx, digest, 'infinity'))) {
      await recordInspection(tx, digest, undefined);
      return 'unneeded';
    }
    return (
      (await recordInspection(tx, digest, await inspectBlob(blobs.unchecked ?? blobs, digest))) ?? 'whole'
    );
  });
}

/**
 * Makes sure, for an answer that has no body, that the body could be had; see `isStoredWhole`.
 * @throws {RegistryError} `blob.damaged`, `blob.missing`
 */
export async function assertStored(deps: BlobDeps, content: Pick<Content, 'digest' | 'size'>): Promise<void> {
  if (await isStoredWhole(deps, content)) return;
  const found = await examineBlob(deps, content.digest);
  if (found === 'damaged' || found === 'missing') throw faultError(content.digest, found);
}
