import type { Readable } from 'node:stream';
import type { Digest } from '../blobs/port.ts';
import { isRegistryError } from '../errors.ts';
import { faultError } from './blob-faults.ts';
import { type BlobDeps, examineBlob } from './examine-blob.ts';

/**
 * Lends a stored archive to what reads it. Bytes of a large one are used before the last has been checked, so what is found
 * wrong with them may be the store's fault, and not of whoever uploaded them.
 * @returns undefined when the archive is not there, and no row names it
 * @throws {RegistryError} `blob.damaged`, `blob.missing`; what `use` throws
 */
export async function readStored<T>(
  deps: BlobDeps,
  digest: Digest,
  use: (archive: Readable) => Promise<T>,
): Promise<T | undefined> {
  const archive = await deps.blobs.open(digest);
  if (!archive) return undefined;
  return examineOnFailure(deps, digest, () => use(archive));
}

/**
 * Runs what reads a stored blob; where it finds fault with the content, looks whether that is stored as it came.
 * @throws {RegistryError} `blob.damaged`, `blob.missing` instead of what `use` throws, where that is the reason
 */
export async function examineOnFailure<T>(deps: BlobDeps, digest: Digest, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!isRegistryError(error) || !/^(archive|chart|values|schema|upload|provenance)\./.test(error.code))
      throw error;
    const found = await examineBlob(deps, digest);
    throw found === 'damaged' || found === 'missing' ? faultError(digest, found) : error;
  }
}
