import { buffer } from 'node:stream/consumers';
import { contentOf } from '../blobs/content.ts';
import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { findDerivedBlob, storeDerivedBlob } from '../registry/derived-blobs.ts';
import type { Log } from '../runtime/log.ts';
import type { LoadedSource } from './large-sources.ts';
import { decodeForm } from './source-form.ts';

/** Database and store with the prepared forms of sources. */
export interface StoredFormDeps {
  db: Database;
  blobs: BlobStore;
  log: Log;
}

/**
 * Loads the prepared form of a source from the store.
 * @returns undefined where there is none, or it cannot be read: the archive says all that it does
 */
export async function loadForm(
  { db, blobs, log }: StoredFormDeps,
  source: Digest,
): Promise<LoadedSource | undefined> {
  try {
    const blob = await findDerivedBlob(db, source);
    const stored = blob && (await blobs.open(blob));
    return stored && (await decodeForm(await buffer(stored)));
  } catch (error) {
    log.warn({ source, error }, 'a prepared form could not be read, it is made anew');
    return undefined;
  }
}

/** Stores the prepared form of a source. A failure is logged only, since the next use makes the form again. */
export async function storeForm(
  { db, blobs, log }: StoredFormDeps,
  source: Digest,
  form: Uint8Array,
): Promise<void> {
  const bytes = Buffer.from(form.buffer, form.byteOffset, form.byteLength);
  try {
    const isStored = await storeDerivedBlob({ db, blobs }, source, contentOf(bytes));
    if (isStored) log.info({ source, size: bytes.length }, 'a source was prepared and its form stored');
  } catch (error) {
    log.warn({ source, error }, 'a prepared form could not be stored');
  }
}
