import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobStore, StoredBlob } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { groupInBatches } from './batches.ts';
import { findUnrecordedOrphans } from './garbage.ts';

/** Blobs in one query, and suspects that are collected before the second look. */
const batchSize = 1_000;
const maxSuspects = 10_000;

/**
 * Finds orphans that are not recorded as garbage. A blob is written before its reference, so a suspect is
 * examined again once it is old enough.
 * @param graceMs milliseconds after which an upload has referenced its blobs, or has failed
 */
export async function* findOrphanBlobs(
  db: Database,
  blobs: BlobStore,
  graceMs: number,
): AsyncGenerator<StoredBlob> {
  for await (const suspects of groupInBatches(listSuspects(db, blobs), maxSuspects)) {
    const youngest = Math.max(...suspects.map((blob) => blob.storedAt.getTime()));
    // Wait by the age of the youngest, but never longer than the grace: the store's clock may be ahead.
    await sleep(Math.min(graceMs, Math.max(0, youngest + graceMs - Date.now())));
    for await (const batch of groupInBatches(suspects, batchSize)) {
      for (const blob of await filterOrphans(db, batch)) {
        // Its upload may have deleted it meanwhile.
        if (await blobs.stat(blob.digest)) yield blob;
      }
    }
  }
}

async function* listSuspects(db: Database, blobs: BlobStore): AsyncGenerator<StoredBlob> {
  for await (const batch of groupInBatches(blobs.list(), batchSize)) yield* await filterOrphans(db, batch);
}

async function filterOrphans(db: Database, batch: readonly StoredBlob[]): Promise<StoredBlob[]> {
  const digests = batch.map((blob) => blob.digest);
  const orphans = new Set(await findUnrecordedOrphans(db, digests));
  return batch.filter((blob) => orphans.has(blob.digest));
}
