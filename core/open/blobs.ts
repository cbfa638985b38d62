import { join } from 'node:path';
import { createFilesystemBlobs } from '../blobs/filesystem.ts';
import type { BlobStore } from '../blobs/port.ts';
import type { Closers } from '../closers.ts';

/**
 * Opens the object store.
 * @param folder of this process's data
 * @param abandoned milliseconds after which a half-written file in it is what a crash left; an hour unless set
 */
export async function openBlobs(closers: Closers, folder: string, abandoned?: number): Promise<BlobStore> {
  const blobs = await createFilesystemBlobs(join(folder, 'blobs'), abandoned);
  closers.add('blobs', () => blobs.close());
  return blobs;
}
