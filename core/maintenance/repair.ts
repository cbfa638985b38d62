import type { BlobStore } from '../blobs/port.ts';
import { receiveContent } from '../blobs/receive.ts';
import { type Candidate, type Copies, sizesOf, type WantedBlob } from './copies.ts';

/** Options of repairs. */
export interface RepairOptions {
  copies: Copies;
  /** Folder for large copies until they are checked. */
  folder: string;
  /** Largest copy in bytes, where no row has the blob's size. */
  maxSize: number;
}

/**
 * Replaces a damaged or missing blob by a good copy. A copy is received and compared with the digest before the
 * store replaces the blob, atomically; a crash on the way changes nothing.
 * @returns the place of the copy, or undefined when there is none
 * @throws the errors of the store
 */
export async function repairBlob(
  blobs: BlobStore,
  { copies, folder, maxSize }: RepairOptions,
  wanted: WantedBlob,
): Promise<string | undefined> {
  const limit = Math.max(...sizesOf(wanted), 0) || maxSize;
  for await (const candidate of copies.candidates(wanted)) {
    const copy = await fetchCopy(candidate, limit, folder);
    if (!copy) continue;
    try {
      if (copy.digest !== wanted.digest) continue;
      await blobs.put(copy, { replace: true });
      return candidate.name;
    } finally {
      await copy.discard();
    }
  }
  return undefined;
}

/** Receives a copy; undefined when it is unreadable or too large. */
async function fetchCopy(candidate: Candidate, limit: number, folder: string) {
  const source = await candidate.open();
  if (!source) return undefined;
  try {
    return await receiveContent(source, limit, folder);
  } catch {
    source.destroy();
    return undefined;
  }
}
