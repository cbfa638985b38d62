import { randomUUID } from 'node:crypto';
import type { Content, Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { claimBlob, storeBlob } from '../registry/blob-claims.ts';
import type { Registry } from '../registry/registry.ts';
import type { RepositoryRef } from './names.ts';
import { checkMayPush } from './repositories.ts';

/** An upload that has begun and not ended. */
export interface Upload {
  id: string;
  /** Bytes that have come so far. */
  size: number;
  /** Chunks that have come so far. */
  parts: number;
}

/** A chunk that has come: a blob of its own until the upload ends. */
export interface UploadPart {
  digest: Digest;
  size: number;
}

/** Chunks of one upload. */
const mostParts = 10_000;

/** Milliseconds between two signs of life of an upload of which bytes are on their way. */
const touchEvery = 20_000;

/** @throws {RegistryError} `space.notFound` where uploads may not create spaces */
export async function startUpload(registry: Registry, repository: RepositoryRef): Promise<string> {
  await checkMayPush(registry, repository);
  const id = randomUUID();
  await registry.db.query('INSERT INTO oci_uploads (id, repository) VALUES ($1, $2)', [id, repository.full]);
  return id;
}

/** @throws {RegistryError} `blobUpload.notFound` */
export async function findUpload(db: Queryable, repository: RepositoryRef, id: string): Promise<Upload> {
  return readUpload(db, repository, id, '');
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockUpload(tx: Transaction, repository: RepositoryRef, id: string): Promise<Upload> {
  return readUpload(tx, repository, id, 'FOR UPDATE');
}

async function readUpload(
  db: Queryable,
  { full }: RepositoryRef,
  id: string,
  lock: '' | 'FOR UPDATE',
): Promise<Upload> {
  const [upload] = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
    ? await db.query<Upload>(
        `SELECT id, size, parts FROM oci_uploads WHERE id = $1 AND repository = $2 ${lock}`,
        [id, full],
      )
    : [];
  if (upload) return upload;
  throw new RegistryError(
    'blobUpload.notFound',
    `There is no upload ${id} to ${full}: it has ended, or was left alone for too long. Begin a new one.`,
  );
}

/** @throws {RegistryError} `chunk.outOfOrder` unless the next byte that is wanted is this one */
export function checkOffset(upload: Upload, offset: number): void {
  if (upload.size === offset) return;
  throw new RegistryError(
    'chunk.outOfOrder',
    `The next chunk begins at byte ${upload.size}, not at ${offset}.`,
    { offset: upload.size },
  );
}

/**
 * Adds a chunk. Of two for the same place the one that commits first is taken.
 * @param offset of its first byte
 * @returns the bytes there are now
 * @throws {RegistryError} `blobUpload.notFound`, `chunk.outOfOrder`, `upload.tooLarge`
 */
export async function appendChunk(
  registry: Registry,
  repository: RepositoryRef,
  id: string,
  offset: number,
  chunk: Content,
): Promise<number> {
  // Nothing was sent, so there is nothing to name.
  if (chunk.size === 0) return (await findUpload(registry.db, repository, id)).size;
  return storeBlob(registry.db, registry.blobs, chunk, () =>
    registry.db.transaction(async (tx) => {
      await claimBlob(tx, registry.blobs, chunk);
      const upload = await lockUpload(tx, repository, id);
      checkOffset(upload, offset);
      if (upload.parts >= mostParts)
        throw new RegistryError(
          'upload.tooLarge',
          `An upload has ${mostParts} chunks at most; send larger ones.`,
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

/** The chunks of an upload, in order. */
export async function listParts(db: Queryable, id: string): Promise<UploadPart[]> {
  return db.query<UploadPart>(
    'SELECT digest, size FROM oci_upload_parts WHERE upload_id = $1 ORDER BY number',
    [id],
  );
}

/** Ends an upload; its chunks go with a garbage collection. @throws {RegistryError} `blobUpload.notFound` */
export async function cancelUpload(registry: Registry, repository: RepositoryRef, id: string): Promise<void> {
  await registry.db.transaction(async (tx) => {
    await lockUpload(tx, repository, id);
    await removeUpload(tx, id);
  });
}

export async function removeUpload(tx: Queryable, id: string): Promise<void> {
  await tx.query('DELETE FROM oci_uploads WHERE id = $1', [id]);
}

/** Does what takes long with an upload, which is not taken for left alone meanwhile. */
export async function keepAlive<T>({ db }: Registry, id: string, work: () => Promise<T>): Promise<T> {
  const touch = () => db.query('UPDATE oci_uploads SET touched_at = clock_timestamp() WHERE id = $1', [id]);
  await touch();
  // One that fails is made up for by the next.
  const timer = setInterval(() => void touch().catch(() => undefined), touchEvery);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
