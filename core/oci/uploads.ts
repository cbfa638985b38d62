import { randomUUID } from 'node:crypto';
import type { Digest } from '../blobs/port.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import type { RepositoryRef } from './names.ts';
import { checkMayPush } from './repositories.ts';

/** An open upload session. */
export interface Upload {
  id: string;
  /** Bytes received so far. */
  size: number;
  /** Chunks received so far. */
  parts: number;
}

/** A received chunk, which is a blob in the store until the session ends. */
export interface UploadChunk {
  digest: Digest;
  size: number;
}

/** Milliseconds between updates of `touched_at` while a request works on a session. */
const touchIntervalMs = 20_000;

/**
 * Opens an upload session.
 * @returns its id
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces
 */
export async function startUpload(registry: RegistryDeps, repository: RepositoryRef): Promise<string> {
  await checkMayPush(registry, repository);
  const id = randomUUID();
  await registry.db.query('INSERT INTO oci_uploads (id, repository) VALUES ($1, $2)', [id, repository.full]);
  return id;
}

/** Finds an upload session. @throws {RegistryError} `blobUpload.notFound` */
export async function findUpload(db: Queryable, repository: RepositoryRef, id: string): Promise<Upload> {
  return readUpload(db, repository, id, '');
}

/** Locks an upload session's row until the transaction ends. @throws {RegistryError} `blobUpload.notFound` */
export async function lockUpload(tx: Transaction, repository: RepositoryRef, id: string): Promise<Upload> {
  return readUpload(tx, repository, id, 'FOR UPDATE');
}

async function readUpload(
  db: Queryable,
  repository: RepositoryRef,
  id: string,
  lock: '' | 'FOR UPDATE',
): Promise<Upload> {
  const [upload] = await db.query<Upload>(
    `SELECT id, size, parts FROM oci_uploads WHERE id = $1 AND repository = $2 ${lock}`,
    [isUploadId(id) ? id : null, repository.full],
  );
  if (!upload) throw uploadNotFound(repository, id);
  return upload;
}

function isUploadId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function uploadNotFound({ full }: RepositoryRef, id: string): RegistryError {
  return new RegistryError(
    'blobUpload.notFound',
    `There is no upload ${id} to ${full}: it has ended, or was idle for too long. Begin a new one.`,
  );
}

/** Checks that a chunk begins where the received bytes end. @throws {RegistryError} `chunk.outOfOrder` */
export function checkOffset(upload: Upload, offset: number): void {
  if (upload.size === offset) return;
  throw new RegistryError(
    'chunk.outOfOrder',
    `The next chunk begins at byte ${upload.size}, not at ${offset}.`,
    { offset: upload.size },
  );
}

/**
 * Finds an upload session with its chunks in order, as of one snapshot.
 * @throws {RegistryError} `blobUpload.notFound`
 */
export async function findUploadChunks(
  db: Queryable,
  repository: RepositoryRef,
  id: string,
): Promise<Upload & { chunks: UploadChunk[] }> {
  const rows = await db.query<Upload & Partial<{ digest: Digest | null; length: number | null }>>(
    `SELECT u.id, u.size, u.parts, p.digest, p.size AS length
       FROM oci_uploads u LEFT JOIN oci_upload_parts p ON p.upload_id = u.id
      WHERE u.id = $1 AND u.repository = $2 ORDER BY p.number`,
    [isUploadId(id) ? id : null, repository.full],
  );
  const [first] = rows;
  if (!first) throw uploadNotFound(repository, id);
  const chunks = rows.flatMap(({ digest, length }) => (digest && length ? [{ digest, size: length }] : []));
  return { id, size: first.size, parts: first.parts, chunks };
}

/**
 * Cancels an upload session; the garbage collection deletes its chunks.
 * @throws {RegistryError} `blobUpload.notFound`
 */
export async function cancelUpload(
  registry: RegistryDeps,
  repository: RepositoryRef,
  id: string,
): Promise<void> {
  await registry.db.transaction(async (tx) => {
    await lockUpload(tx, repository, id);
    await removeUpload(tx, id);
  });
}

/** Deletes an upload session's row, and with it the references to its chunks. */
export async function removeUpload(tx: Queryable, id: string): Promise<void> {
  await tx.query('DELETE FROM oci_uploads WHERE id = $1', [id]);
}

/** Keeps an upload session from expiring while `work` runs. */
export async function keepUploadAlive<T>(
  { db }: RegistryDeps,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  const touch = () => db.query('UPDATE oci_uploads SET touched_at = clock_timestamp() WHERE id = $1', [id]);
  await touch();
  // A failed update is harmless: the next follows long before the session expires.
  const timer = setInterval(() => void touch().catch(() => undefined), touchIntervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
