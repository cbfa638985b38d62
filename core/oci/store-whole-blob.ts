import type { Content } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import { storeBlob } from '../registry/blob-references.ts';
import { linkBlob } from './blobs.ts';
import { algorithmOf, digestMismatchError, hashContent, type OciDigest } from './digest.ts';
import type { BlobLink } from './link-blobs.ts';
import type { RepositoryRef } from './names.ts';
import type { OciDeps } from './oci.ts';
import { confirmPush, preparePush } from './prepare-push.ts';
import { uploadOwnerOf } from './uploads.ts';

/**
 * Stores a blob that was sent in one request.
 * @param session key of the upload session that ends, if nobody has asked yet whether it has a row
 * @returns false where the session has a row. Nothing is stored then
 * @throws {RegistryError} `digest.mismatch`, `resource.locked`; the errors of `preparePush`
 */
export async function storeWholeBlob(
  oci: OciDeps,
  repository: RepositoryRef,
  content: Content,
  digest: OciDigest,
  session?: string,
): Promise<boolean> {
  await checkDigest(content, digest);
  const checkNoRow = async () => {
    if (session !== undefined && (await oci.findUploadRow(repository.space, session)))
      throw new SessionHasRowError();
  };
  try {
    const spaceId = await preparePush(oci, repository, checkNoRow);
    await storeBlob(oci, content, async (blob) => {
      const link = { repository, digest, size: content.size, blob, spaceId, session };
      if (await oci.linkWithOthers(repository.space, link)) return;
      await checkNoRow();
      await linkBlobInOwnTransaction(oci, link, content);
    });
  } catch (error) {
    if (error instanceof SessionHasRowError) return false;
    throw error;
  }
  oci.receivedBlobs.add(await uploadOwnerOf(oci.actor), repository, digest, content);
  return true;
}

/** Rolls a blob back whose upload session has a row. */
class SessionHasRowError extends Error {}

/**
 * Finishes an upload session without a row. Nearly no session has a row, so the statement that adds the
 * blob looks for one, and nobody asks before.
 * @param key result of `findIssuedKey`
 * @returns false where nothing is done: ask `findUpload`, then call `finishUpload`
 * @throws {RegistryError} `resource.locked`; the errors of `preparePush`
 */
export async function finishWithoutRow(
  oci: OciDeps,
  repository: RepositoryRef,
  key: string,
  content: Content,
  digest: OciDigest,
): Promise<boolean> {
  // Another digest ends the session, if it is open; and it may be that of the whole, whose last chunk this is.
  return content.digest === digest && storeWholeBlob(oci, repository, content, digest, key);
}

/**
 * Checks content against a digest. A `sha256` is compared without reading the content; a `sha512` is not.
 * @throws {RegistryError} `digest.mismatch`
 */
export async function checkDigest(content: Content, digest: OciDigest): Promise<void> {
  const found = algorithmOf(digest) === 'sha256' ? content.digest : (await hashContent(content)).sha512;
  if (found !== digest) throw digestMismatchError(digest);
}

/** Adds a stored blob to a repository by a transaction that may create the space. */
export async function linkBlobInOwnTransaction(
  oci: OciDeps,
  { repository, digest, blob, spaceId }: Omit<BlobLink, 'size'>,
  content: Content,
  before: (tx: Transaction) => Promise<void> = async () => undefined,
): Promise<void> {
  await oci.locks.write([repository.space, repository.name, digest], async (tx) => {
    await confirmPush(tx, oci, repository, spaceId);
    await blob.lockStored(tx);
    await before(tx);
    await linkBlob(tx, oci, repository, digest, content);
  });
}
