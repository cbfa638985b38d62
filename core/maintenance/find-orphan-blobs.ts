import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobStore, StoredBlob } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { inBatches } from './batches.ts';
import { findUnnamed } from './garbage.ts';

/** Blobs in one query, and blobs that are remembered before they are looked at again. */
const batchSize = 1_000;
const mostSuspects = 10_000;

/**
 * Finds bytes that no row names and that are not written down as garbage. Bytes are put before the row that names them, so
 * what looks stray is looked at again once it is old enough.
 * @param patience milliseconds after which an upload that has put its bytes has named them, or has failed
 */
export async function* findStrays(
  db: Database,
  blobs: BlobStore,
  patience: number,
): AsyncGenerator<StoredBlob> {
  for await (const suspects of inBatches(listSuspects(db, blobs), mostSuspects)) {
    const youngest = Math.max(...suspects.map((blob) => blob.storedAt.getTime()));
    // The store's clock may be ahead.
    await sleep(Math.min(patience, Math.max(0, youngest + patience - Date.now())));
    for await (const batch of inBatches(suspects, batchSize)) {
      for (const blob of await keepUnnamed(db, batch)) {
        // It may have been discarded by the upload that brought it.
        if (await blobs.stat(blob.digest)) yield blob;
      }
    }
  }
}

async function* listSuspects(db: Database, blobs: BlobStore): AsyncGenerator<StoredBlob> {
  for await (const batch of inBatches(blobs.list(), batchSize)) yield* await keepUnnamed(db, batch);
}

async function keepUnnamed(db: Database, batch: readonly StoredBlob[]): Promise<StoredBlob[]> {
  const digests = batch.map((blob) => blob.digest);
  const unnamed = new Set(await findUnnamed(db, digests));
  return batch.filter((blob) => unnamed.has(blob.digest));
}
