import { Readable } from 'node:stream';
import type { BlobStore, Digest } from '../blobs/port.ts';
import { isRegistryError } from '../errors.ts';
import { faultError } from './blob-faults.ts';
import { type BlobDeps, examineBlob } from './examine-blob.ts';

/**
 * Opens a stored archive and passes its stream to `use`. A large archive is used before its last bytes have been
 * checked. So an error about its content may be a fault of the stored blob, and the blob is examined then.
 * @returns undefined when the store does not have the archive, and no row references it
 * @throws {RegistryError} `blob.damaged`, `blob.missing`; the errors of `use`
 */
export async function readStoredArchive<T>(
  deps: BlobDeps,
  digest: Digest,
  use: (archive: Readable) => Promise<T>,
): Promise<T | undefined> {
  const archive = await deps.blobs.open(digest);
  if (!archive) return undefined;
  return examineOnFailure(deps, digest, () => use(archive));
}

/**
 * Runs `use` on a stored blob, and examines the blob if `use` refuses it.
 * @throws {RegistryError} `blob.damaged` or `blob.missing` if the blob has a fault; otherwise the error of `use`
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

/**
 * Makes a stream that opens a blob when it is first read.
 * @param size bytes, if known
 * @param missing makes the error for a blob that the store does not have
 */
export function openLazily(blobs: BlobStore, digest: Digest, missing: () => Error, size?: number): Readable {
  return Readable.from(
    (async function* () {
      const stored = await blobs.open(digest, undefined, size);
      if (!stored) throw missing();
      yield* stored;
    })(),
    { objectMode: false },
  );
}
