import { inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import {
  type BlobFault,
  faultError,
  inspectUntilSure,
  isStoredWhole,
  recordInspection,
} from './blob-faults.ts';
import { isReferenced, lockBlobsShared } from './blob-references.ts';

/** The store of blobs, and the database with references and faults of its blobs. */
export interface BlobDeps {
  db: Database;
  blobs: BlobStore;
}

/** Result of {@link examineBlob}: a fault, whole, or `unneeded` when no row references the blob. */
export type Examination = BlobFault | 'whole' | 'unneeded';

/**
 * Reads a suspected blob again under its lock and records the result.
 * The lock keeps the blob from being deleted meanwhile. A read that failed during a repair or a garbage collection
 * therefore records no fault. Repairs are not locked out: a new fault is examined once more.
 * @throws the error of the store or the database when it cannot be reached, or of reading for a passing reason
 */
export async function examineBlob(deps: BlobDeps, digest: Digest): Promise<Examination> {
  const { state } = await inspectUntilSure(() => examineOnce(deps, digest));
  return state;
}

function examineOnce(
  { db, blobs }: BlobDeps,
  digest: Digest,
): Promise<{ state: Examination; isUnsure: boolean }> {
  return db.transaction(async (tx) => {
    const faults = await lockBlobsShared(tx, [digest]);
    if (!(await isReferenced(tx, digest, 'infinity'))) {
      await recordInspection(tx, digest, undefined, undefined);
      return { state: 'unneeded', isUnsure: false };
    }
    const found = await inspectBlob(blobs.unchecked ?? blobs, digest);
    if (found.state === 'unknown') throw found.error;
    const { fault, isUnsure } = await recordInspection(tx, digest, found, faults.get(digest));
    return { state: fault ?? 'whole', isUnsure };
  });
}

/**
 * Checks for a response without a body that its body could be served; see `isStoredWhole`.
 * @throws {RegistryError} `blob.damaged`, `blob.missing`
 */
export async function assertStored(deps: BlobDeps, content: Pick<Content, 'digest' | 'size'>): Promise<void> {
  if (await isStoredWhole(deps, content)) return;
  const found = await examineBlob(deps, content.digest);
  if (found === 'damaged' || found === 'missing') throw faultError(content.digest, found);
}
