import { Readable } from 'node:stream';
import { contentOf, isDigest } from '../blobs/content.ts';
import type { BlobStore, Content } from '../blobs/port.ts';
import type { Transaction } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import { faultError } from '../registry/blob-faults.ts';
import { storeBlob } from '../registry/blob-references.ts';
import { openLazily } from '../registry/read-stored.ts';
import { linkBlob } from './blobs.ts';
import { algorithmOf, digestMismatch, hashContent, type OciDigest } from './digest.ts';
import type { BlobLink } from './link-blobs.ts';
import type { RepositoryRef } from './names.ts';
import type { OciDeps } from './oci.ts';
import { confirmPush, preparePush } from './prepare-push.ts';
import type { UploadChunk } from './upload-rows.ts';
import {
  cancelUpload,
  checkOffset,
  endUpload,
  findChunks,
  lockUpload,
  type Upload,
  uploadOwnerOf,
} from './uploads.ts';

/**
 * Stores a blob that was sent in one request.
 * @throws {RegistryError} `digest.mismatch`, `resource.locked`; the errors of `preparePush`
 */
export async function storeWholeBlob(
  oci: OciDeps,
  repository: RepositoryRef,
  content: Content,
  digest: OciDigest,
): Promise<void> {
  await checkDigest(content, digest);
  const spaceId = await preparePush(oci, repository);
  await storeBlob(oci, content, async (blob) => {
    const link = { repository, digest, size: content.size, blob, spaceId };
    if (await oci.linkWithOthers(repository.space, link)) return;
    await linkBlobInOwnTransaction(oci, link, content);
  });
  oci.receivedBlobs.add(await uploadOwnerOf(oci.actor), repository, digest, content);
}

/**
 * Finishes an upload session: its chunks become one blob of the repository.
 * A session without chunks stays as it is, since its end needs no row. Until its id expires, the same blob may be sent
 * again, and another one too. Of two simultaneous requests for a session with chunks, the second finds no session.
 * @param upload is kept alive meanwhile, if it has a row
 * @param last the chunk in the request that finishes the session; it may be empty
 * @throws {RegistryError} `blobUpload.notFound`, `chunk.outOfOrder`, `digest.mismatch`, which ends the session; the
 *   errors of `preparePush`
 */
export async function finishUpload(
  oci: OciDeps,
  upload: Upload,
  last: Content,
  digest: OciDigest,
): Promise<void> {
  try {
    if (upload.hasRow) await finishChunks(oci, upload, last, digest);
    else await storeWholeBlob(oci, upload.repository, last, digest);
  } catch (error) {
    // No further chunk could repair the session.
    if (isRegistryError(error, 'digest.mismatch')) await cancelUpload(oci, upload).catch(() => undefined);
    throw error;
  }
}

async function finishChunks(oci: OciDeps, upload: Upload, last: Content, digest: OciDigest): Promise<void> {
  const chunks = await findChunks(oci.db, upload);
  const contents = [
    ...chunks.map((chunk) => contentOfStored(oci.blobs, chunk)),
    ...(last.size > 0 ? [last] : []),
  ];
  const content = await joinContents(contents, digest);
  const { repository } = upload;
  const spaceId = await preparePush(oci, repository);
  await storeBlob(oci, content, (blob) =>
    linkBlobInOwnTransaction(oci, { repository, digest, blob, spaceId }, content, async (tx) => {
      checkOffset(await lockUpload(tx, upload), upload.size);
      await endUpload(tx, upload);
    }),
  );
}

/** Joins chunks to one content. A single chunk is not copied; several are read once for the digest. */
async function joinContents(chunks: readonly Content[], digest: OciDigest): Promise<Content> {
  const [first = contentOf(Buffer.alloc(0)), ...others] = chunks;
  if (others.length === 0) {
    await checkDigest(first, digest);
    return first;
  }
  const open = () => concatenate(chunks);
  const found = await hashContent({ open });
  if (found[algorithmOf(digest)] !== digest || !isDigest(found.sha256)) throw digestMismatch(digest);
  return { digest: found.sha256, size: chunks.reduce((sum, { size }) => sum + size, 0), open };
}

/** Checks content against a digest. A `sha256` is compared without reading the content; a `sha512` is not. */
async function checkDigest(content: Content, digest: OciDigest): Promise<void> {
  const found = algorithmOf(digest) === 'sha256' ? content.digest : (await hashContent(content)).sha512;
  if (found !== digest) throw digestMismatch(digest);
}

/** Adds a stored blob to a repository in a transaction of its own, which may create the space. */
async function linkBlobInOwnTransaction(
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

/** Makes content of a stored blob, which is opened when it is read. */
export function contentOfStored(blobs: BlobStore, { digest, size }: UploadChunk): Content {
  return {
    digest,
    size,
    open: () => openLazily(blobs, digest, () => faultError(digest, 'missing'), size),
  };
}

function concatenate(chunks: readonly Content[]): Readable {
  return Readable.from(
    (async function* () {
      for (const chunk of chunks) yield* chunk.open();
    })(),
    { objectMode: false },
  );
}
