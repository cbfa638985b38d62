import { Readable } from 'node:stream';
import { contentOf, isDigest } from '../blobs/content.ts';
import type { BlobStore, Content } from '../blobs/port.ts';
import { isRegistryError } from '../errors.ts';
import { faultError } from '../registry/blob-faults.ts';
import { storeBlob } from '../registry/blob-references.ts';
import { openLazily } from '../registry/read-stored.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { linkBlob } from './blobs.ts';
import { algorithmOf, digestMismatch, hashContent, type OciDigest } from './digest.ts';
import type { RepositoryRef } from './names.ts';
import {
  checkOffset,
  findUploadChunks,
  keepUploadAlive,
  lockUpload,
  removeUpload,
  type UploadChunk,
} from './uploads.ts';

/**
 * Stores a blob that was sent in one request.
 * @throws {RegistryError} `digest.mismatch`, `space.notFound`, `resource.locked`
 */
export async function storeWholeBlob(
  registry: RegistryDeps,
  repository: RepositoryRef,
  content: Content,
  digest: OciDigest,
): Promise<void> {
  await checkDigest(content, digest);
  await storeAndLink(registry, repository, content, digest);
}

/**
 * Finishes an upload session: its chunks become one blob of the repository.
 * The second of two simultaneous requests finds no session.
 * @param last the chunk in the request that finishes the session; it may be empty
 * @throws {RegistryError} `blobUpload.notFound`, `chunk.outOfOrder`, `digest.mismatch`, which deletes the session
 */
export async function finishUpload(
  registry: RegistryDeps,
  repository: RepositoryRef,
  id: string,
  last: { offset: number; content: Content },
  digest: OciDigest,
): Promise<void> {
  const upload = await findUploadChunks(registry.db, repository, id);
  checkOffset(upload, last.offset);
  const chunks = [
    ...upload.chunks.map((part) => storedContent(registry.blobs, part)),
    ...(last.content.size > 0 ? [last.content] : []),
  ];
  await keepUploadAlive(registry, id, async () => {
    const content = await joinContents(chunks, digest).catch(async (error: unknown) => {
      // No further chunk could repair the session.
      if (isRegistryError(error, 'digest.mismatch')) await removeUpload(registry.db, id);
      throw error;
    });
    await storeAndLink(registry, repository, content, digest, { id, size: upload.size });
  });
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

async function storeAndLink(
  registry: RegistryDeps,
  repository: RepositoryRef,
  content: Content,
  digest: OciDigest,
  upload?: { id: string; size: number },
): Promise<void> {
  await storeBlob(registry, content, (blob) =>
    registry.locks.write([repository.space, repository.name, digest], async (tx) => {
      await blob.lockStored(tx);
      if (upload) {
        checkOffset(await lockUpload(tx, repository, upload.id), upload.size);
        await removeUpload(tx, upload.id);
      }
      await linkBlob(tx, registry, repository, digest, content);
    }),
  );
}

/** Makes content of a stored blob, which is opened when it is read. */
export function storedContent(blobs: BlobStore, { digest, size }: UploadChunk): Content {
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
