import { describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { claimStoredBlobs } from '../registry/blob-claims.ts';
import { eachOf } from './batches.ts';
import { findStrays } from './find-strays.ts';
import { countWaiting } from './garbage.ts';
import { findNamers, listJobBlobs, listKeptBlobs, type NamedBlob } from './namers.ts';

export interface VerifyOptions {
  /** Milliseconds after which an upload that has put its bytes has named them, or has failed. */
  patience: number;
  /** Told of each fault, a line for a person. */
  onFault: (line: string) => void;
  /** Told now and then how far it is. */
  onProgress?: (verified: Verified) => void;
}

/** What was looked at, and how much was wrong with it. */
export interface Verified {
  versions: number;
  blobs: number;
  /** Bytes that were read. */
  bytes: number;
  faults: number;
  /** Blobs that wait for garbage collection, which is no fault. */
  waiting: number;
}

/** Blobs in a page, and blobs that are read at the same time. */
const pageSize = 200;
const width = 4;

/**
 * Reads every blob that a row, or an unfinished job, needs and holds it to its digest and size; then looks for
 * bytes that nothing names. It may run beside everything else: what looks wrong is looked at again where it cannot change.
 * @throws when the database or the store cannot be reached
 */
export async function verifyRegistry(
  db: Database,
  blobs: BlobStore,
  options: VerifyOptions,
): Promise<Verified> {
  const verified: Verified = { versions: 0, blobs: 0, bytes: 0, faults: 0, waiting: 0 };
  const report = (fault: string) => {
    verified.faults += 1;
    options.onFault(fault);
  };
  for (const list of [listKeptBlobs, listJobBlobs]) {
    for await (const page of list(db, pageSize)) {
      await eachOf(page, width, async (blob) => {
        const found = await inspectBlob(blobs, blob.digest);

        verified.versions += blob.versions;
        verified.blobs += 1;
        verified.bytes += found.state === 'read' ? found.size : 0;
        const disagree = blob.rows > 0 && blob.size === undefined;
        if (disagree || describeFault(blob.digest, found, blob.size))
          for (const fault of await lookAgain(db, blobs, blob)) report(fault);
      });
      options.onProgress?.(verified);
    }
  }
  for await (const { digest, size } of findStrays(db, blobs, options.patience)) {
    report(`${digest}: nothing names these ${size} bytes; helm-registry gc takes them away`);
  }
  verified.waiting = await countWaiting(db);
  return verified;
}

/** A fault for each row that names the blob, at a moment at which the bytes can neither come nor go. */
async function lookAgain(db: Database, blobs: BlobStore, { digest }: NamedBlob): Promise<string[]> {
  return db.transaction(async (tx) => {
    await claimStoredBlobs(tx, [digest]);
    const namers = await findNamers(tx, digest);
    if (namers.length === 0) return [];
    const found = await inspectBlob(blobs, digest);
    return namers.flatMap(({ name, size }) => {
      const fault = describeFault(digest, found, size);
      return fault ? [`${name}: ${fault}`] : [];
    });
  });
}
