import { describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { listFaults, recordInspection } from '../registry/blob-faults.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import { examineBlob } from '../registry/examine-blob.ts';
import { forEachConcurrently } from './batches.ts';
import { findOrphanBlobs } from './find-orphan-blobs.ts';
import { countWaiting } from './garbage.ts';
import { type BlobReference, findReferences, listJobBlobs, listKeptBlobs } from './references.ts';
import { type RepairOptions, repairBlob } from './repair.ts';

/** Options of a verification. */
export interface VerifyOptions {
  /** Milliseconds after which an upload has referenced its blobs, or has failed. */
  graceMs: number;
  /** Called with each fault, as a line for the operator. */
  onFault: (line: string) => void;
  /** Called with the counts after each page of blobs. */
  onProgress?: (verified: Verified) => void;
  /** Source of copies for damaged and missing blobs; undefined repairs nothing. */
  repair?: RepairOptions;
}

/** Counts of a verification. */
export interface Verified {
  versions: number;
  blobs: number;
  /** Bytes read. */
  bytes: number;
  /** Remaining faults. */
  faults: number;
  /** Repaired faults. */
  repaired: number;
  /** Blobs still damaged or missing; an upload or a repair replaces them. */
  damaged: number;
  /** Earlier reads that were refused because of recorded faults. */
  refused: number;
  /** Blobs that wait for garbage collection, which is no fault. */
  waiting: number;
}

/** Blobs in a page, and blobs that are read concurrently. */
const pageSize = 200;
const maxConcurrent = 4;

/**
 * Reads every referenced blob and compares it with its digest and size, then searches for orphans. The registry
 * may be in use: suspects are examined again under a lock. Faults are recorded, so that the next upload of the
 * blob repairs it, and deleted once it is whole.
 * @throws when the database or the store cannot be reached
 */
export async function verifyRegistry(
  db: Database,
  blobs: BlobStore,
  options: VerifyOptions,
): Promise<Verified> {
  const verified: Verified = {
    versions: 0,
    blobs: 0,
    bytes: 0,
    faults: 0,
    repaired: 0,
    damaged: 0,
    refused: 0,
    waiting: 0,
  };
  const report = (fault: string) => {
    verified.faults += 1;
    options.onFault(fault);
  };
  const faulty = await listFaults(db);
  verified.refused = faulty.reduce((sum, { refused }) => sum + refused, 0);
  const known = new Set(faulty.map(({ digest }) => digest));
  for (const list of [listKeptBlobs, listJobBlobs]) {
    for await (const page of list(db, pageSize)) {
      await forEachConcurrently(page, maxConcurrent, async (blob) => {
        const found = await inspectBlob(blobs, blob.digest);

        verified.versions += blob.versions;
        verified.blobs += 1;
        verified.bytes += found.state === 'read' ? found.size : 0;
        const disagree = blob.rows > 0 && blob.size === undefined;
        const wasFaulty = known.delete(blob.digest);
        if (wasFaulty || disagree || describeFault(blob.digest, found, blob.size))
          await verifyBlob(db, blobs, blob.digest, options, verified, report);
      });
      options.onProgress?.(verified);
    }
  }
  // These blobs have no reference any more.
  for (const digest of known) await examineBlob({ db, blobs }, digest);
  for await (const { digest, size } of findOrphanBlobs(db, blobs, options.graceMs)) {
    report(`${digest}: nothing references these ${size} bytes; helm-registry gc deletes them`);
  }
  verified.waiting = await countWaiting(db);
  return verified;
}

/** Examines a suspect again, repairs it if possible, and reports its faults. */
async function verifyBlob(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  { repair, onFault }: VerifyOptions,
  verified: Verified,
  report: (fault: string) => void,
): Promise<void> {
  const before = await examineLocked(db, blobs, digest);
  if (!repair || !before.isDamaged) {
    if (before.isDamaged) verified.damaged += 1;
    for (const fault of before.faults) report(fault);
    return;
  }
  const from = await repairBlob(blobs, repair, { digest, references: before.references });
  const { isDamaged, faults } = from === undefined ? before : await examineLocked(db, blobs, digest);
  if (isDamaged) verified.damaged += 1;
  const { name } = repair.copies;
  for (const fault of faults) report(isDamaged ? `${fault}; no good copy was found in ${name}` : fault);
  if (isDamaged) return;
  verified.repaired += before.faults.length;
  for (const fault of before.faults) onFault(`${fault}; repaired from ${from}`);
}

interface Examination {
  /** Faults of the blob, one for each reference. */
  faults: string[];
  references: BlobReference[];
  /** Whether the bytes are wrong, and not a row. */
  isDamaged: boolean;
}

/** Examines a blob under its lock, so that its bytes do not change, and records the result. */
async function examineLocked(db: Database, blobs: BlobStore, digest: Digest): Promise<Examination> {
  return db.transaction(async (tx) => {
    await lockBlobsShared(tx, [digest]);
    const references = await findReferences(tx, digest);
    const found = references.length > 0 ? await inspectBlob(blobs, digest) : undefined;
    const fault = await recordInspection(tx, digest, found);
    const faults = references.flatMap(({ name, size }) => {
      const description = found && describeFault(digest, found, size);
      return description ? [`${name}: ${description}`] : [];
    });
    return { faults, references, isDamaged: fault !== undefined };
  });
}
