import type { Content } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import { storeBlob } from '../registry/blob-references.ts';
import type { OciDeps } from './oci.ts';
import { checkOffset, lockUpload, type Upload } from './uploads.ts';

/** Largest number of chunks of an upload session. */
const maxChunks = 10_000;

/**
 * Adds a chunk to an upload session. When two chunks have the same offset, the first commit wins.
 * @param upload as it was before the chunk, kept alive meanwhile: the chunk begins at its end
 * @returns bytes received so far
 * @throws {RegistryError} `blobUpload.notFound`, `chunk.outOfOrder`, `upload.tooLarge`
 */
export async function appendChunk(oci: OciDeps, upload: Upload, chunk: Content): Promise<number> {
  // An empty chunk needs no row, and no blob.
  if (chunk.size === 0) return upload.size;
  return storeBlob(oci, chunk, (blob) =>
    oci.db.transaction(async (tx) => {
      await blob.lockStored(tx);
      const current = await lockUpload(tx, upload);
      checkOffset(current, upload.size);
      if (current.parts >= maxChunks)
        throw new RegistryError(
          'upload.tooLarge',
          `An upload has ${maxChunks} chunks at most; send larger ones.`,
        );
      await tx.query(
        'INSERT INTO oci_upload_parts (upload_id, number, digest, size) VALUES ($1, $2, $3, $4)',
        [upload.key, current.parts, chunk.digest, chunk.size],
      );
      const [grown] = await tx.query<{ size: number }>(
        `UPDATE oci_uploads SET size = size + $2, parts = parts + 1, touched_at = clock_timestamp()
          WHERE id = $1 RETURNING size`,
        [upload.key, chunk.size],
      );
      return grown?.size ?? 0;
    }),
  );
}
