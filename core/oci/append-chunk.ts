import type { Content } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import { storeBlob } from '../registry/blob-references.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import type { RepositoryRef } from './names.ts';
import { checkOffset, findUpload, lockUpload } from './uploads.ts';

/** Largest number of chunks of an upload session. */
const maxChunks = 10_000;

/**
 * Adds a chunk to an upload session. When two chunks have the same offset, the first commit wins.
 * @param offset of the chunk's first byte in the blob
 * @returns bytes received so far
 * @throws {RegistryError} `blobUpload.notFound`, `chunk.outOfOrder`, `upload.tooLarge`
 */
export async function appendChunk(
  registry: RegistryDeps,
  repository: RepositoryRef,
  id: string,
  offset: number,
  chunk: Content,
): Promise<number> {
  // An empty chunk needs no row, and no blob.
  if (chunk.size === 0) return (await findUpload(registry.db, repository, id)).size;
  return storeBlob(registry, chunk, (blob) =>
    registry.db.transaction(async (tx) => {
      await blob.lockStored(tx);
      const upload = await lockUpload(tx, repository, id);
      checkOffset(upload, offset);
      if (upload.parts >= maxChunks)
        throw new RegistryError(
          'upload.tooLarge',
          `An upload has ${maxChunks} chunks at most; send larger ones.`,
        );
      await tx.query(
        'INSERT INTO oci_upload_parts (upload_id, number, digest, size) VALUES ($1, $2, $3, $4)',
        [id, upload.parts, chunk.digest, chunk.size],
      );
      const [grown] = await tx.query<{ size: number }>(
        `UPDATE oci_uploads SET size = size + $2, parts = parts + 1, touched_at = clock_timestamp()
          WHERE id = $1 RETURNING size`,
        [id, chunk.size],
      );
      return grown?.size ?? 0;
    }),
  );
}
