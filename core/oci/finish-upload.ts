import { Readable } from 'node:stream';
import { contentOf, isDigest } from '../blobs/content.ts';
import type { BlobStore, Content } from '../blobs/port.ts';
import { isRegistryError } from '../errors.ts';
import { faultError } from '../registry/blob-faults.ts';
import { storeBlob } from '../registry/blob-references.ts';
import { openLazily } from '../registry/read-stored.ts';
import { algorithmOf, digestMismatchError, hashContent, type OciDigest } from './digest.ts';
import type { OciDeps } from './oci.ts';
import { preparePush } from './prepare-push.ts';
import { checkDigest, linkBlobInOwnTransaction, storeWholeBlob } from './store-whole-blob.ts';
import type { UploadChunk } from './upload-rows.ts';
import { cancelUpload, checkOffset, endUpload, findChunks, lockUpload, type Upload } from './uploads.ts';

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
  if (found[algorithmOf(digest)] !== digest || !isDigest(found.sha256)) throw digestMismatchError(digest);
  return { digest: found.sha256, size: chunks.reduce((sum, { size }) => sum + size, 0), open };
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
