import type { Actor } from '../access/actor.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { RepositoryRef } from './names.ts';
import type { OciDeps } from './oci.ts';
import { checkMayPush } from './prepare-push.ts';
import {
  endUploadRow,
  findRowAndChunks,
  lockUploadRow,
  touchUploadRow,
  type UploadChunk,
  type UploadRow,
} from './upload-rows.ts';

/** Returns the owner of what an actor uploads: nobody else may use it. Undefined where everybody may do everything. */
export async function uploadOwnerOf(actor: Actor): Promise<string | undefined> {
  const caller = await actor.caller();
  return caller.kind === 'principal' ? caller.principal.id : undefined;
}

/** An open upload session of a repository. */
export interface Upload {
  /** Id as clients know it. */
  id: string;
  repository: RepositoryRef;
  /** Key of its row. */
  key: string;
  /** Whether it has a row; without one it has no chunks. */
  hasRow: boolean;
  /** Bytes received so far. */
  size: number;
  /** Chunks received so far. */
  parts: number;
}

/** Milliseconds between updates of `touched_at` while a request works on a session. */
const touchIntervalMs = 20_000;

/**
 * Opens an upload session. Nothing is written: the id says all.
 * @returns its id
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces
 */
export async function startUpload(oci: OciDeps, repository: RepositoryRef): Promise<string> {
  await checkMayPush(oci, repository);
  return oci.uploadIds.issue(repository, await uploadOwnerOf(oci.actor));
}

/** Finds the key of an upload session that is open unless it has a row. No query is sent. */
export async function findIssuedKey(
  oci: OciDeps,
  repository: RepositoryRef,
  id: string,
): Promise<string | undefined> {
  const read = await oci.uploadIds.read(repository, id, await uploadOwnerOf(oci.actor));
  return read?.isIssued ? read.key : undefined;
}

/** Finds an open upload session. @throws {RegistryError} `blobUpload.notFound` */
export async function findUpload(oci: OciDeps, repository: RepositoryRef, id: string): Promise<Upload> {
  const read = await oci.uploadIds.read(repository, id, await uploadOwnerOf(oci.actor));
  if (!read) throw uploadNotFound(repository, id);
  const row = await oci.findUploadRow(repository.space, read.key);
  const isOpen = row ? !row.ended && row.repository === repository.full : read.isIssued;
  if (!isOpen) throw uploadNotFound(repository, id);
  const { size, parts } = row ?? { size: 0, parts: 0 };
  return { id, repository, key: read.key, hasRow: row !== undefined, size, parts };
}

/** Locks an upload session's row until the transaction ends. @throws {RegistryError} `blobUpload.notFound` */
export async function lockUpload(tx: Transaction, upload: Upload): Promise<Upload> {
  return withUploadRow(upload, await lockUploadRow(tx, upload.key));
}

/** Updates an upload session from its row. @throws {RegistryError} `blobUpload.notFound` */
function withUploadRow(upload: Upload, row: UploadRow | undefined): Upload {
  if (!row || row.ended) throw uploadNotFound(upload.repository, upload.id);
  return { ...upload, size: row.size, parts: row.parts };
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
 * Finds the chunks of an upload session in their order.
 * @throws {RegistryError} `blobUpload.notFound`, `chunk.outOfOrder` where a chunk has come since `upload` was read
 */
export async function findChunks(db: Queryable, upload: Upload): Promise<UploadChunk[]> {
  const { row, chunks } = await findRowAndChunks(db, upload.key);
  checkOffset(withUploadRow(upload, row), upload.size);
  return chunks;
}

/**
 * Ends an upload session; the garbage collection deletes its chunks.
 * @throws {RegistryError} `blobUpload.notFound` when another request has ended it
 */
export async function endUpload(tx: Transaction, { id, key, repository }: Upload): Promise<void> {
  if (!(await endUploadRow(tx, key, repository.full))) throw uploadNotFound(repository, id);
}

/** Cancels an upload session. @throws {RegistryError} `blobUpload.notFound` as `endUpload` */
export async function cancelUpload({ db }: Pick<OciDeps, 'db'>, upload: Upload): Promise<void> {
  await db.transaction((tx) => endUpload(tx, upload));
}

/** Keeps an upload session from expiring while `work` runs. */
export async function keepUploadAlive<T>(
  { db }: Pick<OciDeps, 'db'>,
  { key, repository }: Upload,
  work: () => Promise<T>,
): Promise<T> {
  const touch = () => touchUploadRow(db, key, repository.full);
  await touch();
  // A failed update is harmless: the next follows long before the session expires.
  const timer = setInterval(() => void touch().catch(() => undefined), touchIntervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
