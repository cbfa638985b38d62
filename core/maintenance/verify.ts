import { describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { listFaults } from '../registry/blob-faults.ts';
import { dropDerivedBlob } from '../registry/derived-blobs.ts';
import { examineBlob } from '../registry/examine-blob.ts';
import { forEachConcurrently } from './batches.ts';
import { listDeletedBlobs } from './deleted-references.ts';
import { findOrphanBlobs } from './find-orphan-blobs.ts';
import { countWaitingGarbage } from './garbage.ts';
import { readHold } from './hold.ts';
import { type RecheckFindings, recheckBlob } from './recheck-blob.ts';
import { listJobBlobs, listKeptBlobs } from './references.ts';
import { describeHindrances, type RepairOptions, type RepairOutcome, repairFromCopies } from './repair.ts';
import { verifyKeptContent } from './verify-kept-content.ts';

/** Options of a verification. */
export interface VerifyOptions {
  /** Milliseconds after which an upload has referenced its blobs, or has failed. */
  graceMs: number;
  /** Seconds for which a deleted version can be restored; 0 by default, which examines none. */
  restore?: number;
  /** Called with each fault, as a line for the operator. */
  onFault: (line: string) => void;
  /** Called with the counts after each page of blobs. */
  onProgress?: (verified: VerificationCounts) => void;
  /** Source of copies for damaged and missing blobs; undefined repairs nothing. */
  repair?: RepairOptions;
}

/** Counts of a verification. */
export interface VerificationCounts {
  versions: number;
  /** Deleted versions that can be restored, where nothing else has their archives. */
  deleted: number;
  blobs: number;
  /** Manifests and configurations that PostgreSQL keeps. */
  kept: number;
  /** Bytes that were read. */
  bytes: number;
  /** Remaining faults. */
  faults: number;
  /** Repaired faults. */
  repaired: number;
  /** Blobs still damaged or missing; an upload or a repair replaces them. */
  damaged: number;
  /** Blobs that could not be examined or repaired, for a reason that may pass. */
  hindered: number;
  /** Reads that were refused, before this, because of faults that were known. */
  refused: number;
  /** Blobs that wait for garbage collection, which is not a fault. */
  waiting: number;
}

/** Blobs in a page, and blobs that are read concurrently. */
const pageSize = 200;
const maxConcurrent = 4;

/**
 * Compares every referenced blob with its digest and size, and looks for orphans. PostgreSQL checks the manifests in its
 * rows. Other work may go on: a suspected blob is examined again under a lock. Faults are recorded, so that the next
 * upload repairs the blob, and deleted once it is whole.
 * @throws when the database or the store cannot be reached
 */
export async function verifyRegistry(
  db: Database,
  blobs: BlobStore,
  options: VerifyOptions,
): Promise<VerificationCounts> {
  const verified: VerificationCounts = {
    versions: 0,
    deleted: 0,
    blobs: 0,
    kept: 0,
    bytes: 0,
    faults: 0,
    repaired: 0,
    damaged: 0,
    hindered: 0,
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
  const lists = [
    listKeptBlobs(db, pageSize),
    listJobBlobs(db, pageSize),
    listDeletedBlobs(db, pageSize, options.restore ?? 0),
  ];
  for (const list of lists) {
    for await (const page of list) {
      await forEachConcurrently(page, maxConcurrent, async (blob) => {
        const found = await inspectBlob(blobs, blob.digest);
        verified.versions += blob.versions;
        verified.deleted += blob.deletions ?? 0;
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
  for await (const { looked, faults } of verifyKeptContent(db, options.repair)) {
    verified.kept += looked;
    for (const { fault, repaired } of faults) countDamagedContent(verified, fault, repaired, options, report);
    options.onProgress?.(verified);
  }
  // Recorded faults of blobs that no row references now.
  for (const digest of known) await examineBlob({ db, blobs }, digest);
  // A restored copy has archives that are newer than its database, which is not a fault.
  const isHeld = (await readHold(db)) !== undefined;
  let newer = 0;
  for await (const { digest, size } of findOrphanBlobs(db, blobs, options.graceMs)) {
    if (isHeld) newer += 1;
    else report(`${digest}: nothing references these ${size} bytes; helm-registry gc deletes them`);
  }
  verified.waiting = newer + (await countWaitingGarbage(db));
  return verified;
}

/** Counts a manifest or configuration that is damaged in the database, and reports it. */
function countDamagedContent(
  verified: VerificationCounts,
  fault: string,
  repaired: RepairOutcome | undefined,
  { repair, onFault }: VerifyOptions,
  report: (fault: string) => void,
): void {
  if (repaired?.state === 'repaired') {
    verified.repaired += 1;
    onFault(`${fault}; repaired from ${repaired.from}`);
    return;
  }
  verified.damaged += 1;
  if (repaired?.state === 'hindered') verified.hindered += 1;
  report(repaired && repair ? `${fault}${explainUnrepaired(repaired, repair)}` : fault);
}

/** Examines a suspected blob again, repairs it if that is wanted and possible, and reports its faults. */
async function verifyBlob(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  { repair, restore = 0, onFault }: VerifyOptions,
  verified: VerificationCounts,
  report: (fault: string) => void,
): Promise<void> {
  const before = await recheckBlob(db, blobs, digest, restore);
  if (isDerivedOnly(before)) {
    if (repair) await dropDerivedBlob(db, digest);
    const outcome = repair ? 'dropped, and made anew' : 'no fault of the data, since it is made anew';
    for (const fault of before.faults) onFault(`${fault}; ${outcome} at the next use of the source`);
    return;
  }
  if (!repair || !before.isDamaged) {
    if (before.isDamaged) verified.damaged += 1;
    if (before.isUnknown) verified.hindered += 1;
    for (const fault of before.faults) report(fault);
    return;
  }
  const wanted = { digest, references: before.references, maxSize: repair.maxSize };
  const repaired = await repairFromCopies(repair, wanted, (copy) => blobs.put(copy, { replace: true }));
  const { isDamaged, faults } =
    repaired.state === 'repaired' ? await recheckBlob(db, blobs, digest, restore) : before;
  if (isDamaged) verified.damaged += 1;
  if (repaired.state === 'hindered') verified.hindered += 1;
  for (const fault of faults) report(isDamaged ? `${fault}${explainUnrepaired(repaired, repair)}` : fault);
  if (isDamaged || repaired.state !== 'repaired') return;
  verified.repaired += before.faults.length;
  for (const fault of before.faults) onFault(`${fault}; repaired from ${repaired.from}`);
}

/** Whether a blob is damaged or missing, and derived from other blobs for all that need it. */
function isDerivedOnly({ isDamaged, references }: RecheckFindings): boolean {
  return isDamaged && references.every(({ role }) => role === 'derived');
}

/** Says why content stays as it is, as the end of a sentence. */
function explainUnrepaired(repaired: RepairOutcome, { copies }: RepairOptions): string {
  if (repaired.state === 'none') return `; no good copy was found in ${copies.name}`;
  if (repaired.state === 'repaired') return `; it was repaired from ${repaired.from}, and is faulty again`;
  return `; not repaired yet: ${describeHindrances(repaired.hindrances)}`;
}
