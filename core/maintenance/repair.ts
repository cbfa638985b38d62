import type { BlobStore } from '../blobs/port.ts';
import { receiveContent } from '../blobs/receive.ts';
import { type Candidate, type Copies, sizesOf, type WantedBlob } from './copies.ts';

export interface RepairOptions {
  copies: Copies;
  /** Folder in which a large copy waits until it has been checked. */
  folder: string;
  /** Bytes of a copy at most, where no row says how many it must have. */
  maxSize: number;
}

/**
 * Replaces the bytes of a blob by a good copy. A copy is taken in and held to the digest before anything is replaced, and
 * the store replaces a blob whole or not at all; dying on the way leaves it as it was.
 * @returns where the copy came from, or undefined when there is none
 * @throws what the store fails with
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

/** Receives a copy; bytes that cannot be read, or are too many, are none. */
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
