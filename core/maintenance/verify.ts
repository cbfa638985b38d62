import { describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { listFaults, recordInspection } from '../registry/blob-faults.ts';
import { claimStoredBlobs } from '../registry/blob-references.ts';
import { examineBlob } from '../registry/examine-blob.ts';
import { eachOf } from './batches.ts';
import { findStrays } from './find-orphan-blobs.ts';
import { countWaiting } from './garbage.ts';
import { findNamers, listJobBlobs, listKeptBlobs, type Namer } from './references.ts';
import { type RepairOptions, repairBlob } from './repair.ts';

export interface VerifyOptions {
  /** Milliseconds after which an upload that has put its bytes has named them, or has failed. */
  patience: number;
  /** Told of each fault, a line for a person. */
  onFault: (line: string) => void;
  /** Told now and then how far it is. */
  onProgress?: (verified: Verified) => void;
  /** Where good copies of blobs come from that are damaged or missing; without it nothing is mended. */
  repair?: RepairOptions;
}

/** What was looked at, and how much was wrong with it. */
export interface Verified {
  versions: number;
  blobs: number;
  /** Bytes that were read. */
  bytes: number;
  /** Faults that are left. */
  faults: number;
  /** Faults that are mended. */
  repaired: number;
  /** Blobs that are damaged or missing still, so that an upload or a repair would mend them. */
  damaged: number;
  /** Reads that were refused, before this, because of faults that were known. */
  refused: number;
  /** Blobs that wait for garbage collection, which is no fault. */
  waiting: number;
}

/** Blobs in a page, and blobs that are read at the same time. */
const pageSize = 200;
const width = 4;

/**
 * Reads every blob that a row, or an unfinished job, needs and holds it to its digest and size; then looks for
 * bytes that nothing names. It may run beside everything else: what looks wrong is looked at again where it cannot change.
 * Faults are recorded, so that the next upload of a damaged blob mends it, and forgotten once it is whole.
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
      await eachOf(page, width, async (blob) => {
        const found = await inspectBlob(blobs, blob.digest);

        verified.versions += blob.versions;
        verified.blobs += 1;
        verified.bytes += found.state === 'read' ? found.size : 0;
        const disagree = blob.rows > 0 && blob.size === undefined;
        const wasFaulty = known.delete(blob.digest);
        if (wasFaulty || disagree || describeFault(blob.digest, found, blob.size))
          await judge(db, blobs, blob.digest, options, verified, report);
      });
      options.onProgress?.(verified);
    }
  }
  // No row names these any more.
  for (const digest of known) await examineBlob({ db, blobs }, digest);
  for await (const { digest, size } of findStrays(db, blobs, options.patience)) {
    report(`${digest}: nothing names these ${size} bytes; helm-registry gc takes them away`);
  }
  verified.waiting = await countWaiting(db);
  return verified;
}

/** Looks again at a blob that seems faulty, mends it where that is wanted and can be done, and reports what is wrong. */
async function judge(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  { repair, onFault }: VerifyOptions,
  verified: Verified,
  report: (fault: string) => void,
): Promise<void> {
  const before = await lookAgain(db, blobs, digest);
  if (!repair || !before.isDamaged) {
    if (before.isDamaged) verified.damaged += 1;
    for (const fault of before.faults) report(fault);
    return;
  }
  const from = await repairBlob(blobs, repair, { digest, namers: before.namers });
  const { isDamaged, faults } = from === undefined ? before : await lookAgain(db, blobs, digest);
  if (isDamaged) verified.damaged += 1;
  const { name } = repair.copies;
  for (const fault of faults) report(isDamaged ? `${fault}; no good copy was found in ${name}` : fault);
  if (isDamaged) return;
  verified.repaired += before.faults.length;
  for (const fault of before.faults) onFault(`${fault}; mended from ${from}`);
}

interface Look {
  /** Faults of the blob, an entry for each row that names it. */
  faults: string[];
  namers: Namer[];
  /** Whether it is the bytes that are at fault, and not a row. */
  isDamaged: boolean;
}

/** Looks at a blob at a moment at which the bytes can neither come nor go, and records what is found. */
async function lookAgain(db: Database, blobs: BlobStore, digest: Digest): Promise<Look> {
  return db.transaction(async (tx) => {
    await claimStoredBlobs(tx, [digest]);
    const namers = await findNamers(tx, digest);
    const found = namers.length > 0 ? await inspectBlob(blobs, digest) : undefined;
    const fault = await recordInspection(tx, digest, found);
    const faults = namers.flatMap(({ name, size }) => {
      const told = found && describeFault(digest, found, size);
      return told ? [`${name}: ${told}`] : [];
    });
    return { faults, namers, isDamaged: fault !== undefined };
  });
}
