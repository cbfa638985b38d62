import { describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { inspectUntilSure, recordInspection } from '../registry/blob-faults.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import { findDeletedReferences } from './deleted-references.ts';
import { type BlobReference, findReferences } from './references.ts';

/** Findings of a second inspection of a blob. */
export interface RecheckFindings {
  /** Faults of the blob, an entry for each row that names it. */
  faults: string[];
  references: BlobReference[];
  /** Whether it is the bytes that are at fault, and not a row. */
  isDamaged: boolean;
  /** Whether the bytes could not be read for a reason that passes. */
  isUnknown: boolean;
}

/**
 * Inspects a blob again while its bytes cannot be deleted. Records the findings. A new fault is inspected once more, since
 * a repair may have come meanwhile.
 * @param restoreSeconds time for which a deleted version can be restored
 */
export function recheckBlob(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  restoreSeconds: number,
): Promise<RecheckFindings> {
  return inspectUntilSure(() => recheckOnce(db, blobs, digest, restoreSeconds));
}

async function recheckOnce(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  restoreSeconds: number,
): Promise<RecheckFindings & { isUnsure: boolean }> {
  return db.transaction(async (tx) => {
    const known = (await lockBlobsShared(tx, [digest])).get(digest);
    const references = [
      ...(await findReferences(tx, digest)),
      ...(await findDeletedReferences(tx, digest, restoreSeconds)),
    ];
    const found = references.length > 0 ? await inspectBlob(blobs, digest) : undefined;
    const { fault, isUnsure } = await recordInspection(tx, digest, found, known);
    const faults = references.flatMap(({ name, size }) => {
      const description = found && describeFault(digest, found, size);
      return description ? [`${name}: ${description}`] : [];
    });
    const isUnknown = found?.state === 'unknown';
    return { faults, references, isDamaged: fault !== undefined && !isUnknown, isUnknown, isUnsure };
  });
}
