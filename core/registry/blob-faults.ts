import { buffer } from 'node:stream/consumers';
import { isDamageError } from '../blobs/damaged-blob.ts';
import { type BlobInspection, describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import { maxReadAhead } from '../blobs/read-checked.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/** Fault of a referenced blob: its bytes do not match its digest, or the store does not have them. */
export type BlobFault = 'damaged' | 'missing';

/**
 * Records an inspection's result: stores the found fault, or deletes an old one. An inspection that failed for a
 * passing reason changes nothing.
 * @param found undefined for a blob that no row references
 * @returns the fault, or the known one where the inspection found out nothing
 */
export async function recordInspection(
  db: Queryable,
  digest: Digest,
  found: BlobInspection | undefined,
): Promise<BlobFault | undefined> {
  if (found?.state === 'unknown') return findFault(db, digest);
  if (!found || describeFault(digest, found, undefined) === undefined) {
    await clearFault(db, digest);
    return undefined;
  }
  const fault = found.state === 'missing' ? 'missing' : 'damaged';
  await db.query(
    `INSERT INTO blob_faults (digest, fault) VALUES ($1, $2)
     ON CONFLICT (digest) DO UPDATE SET fault = excluded.fault`,
    [digest, fault],
  );
  return fault;
}

/** Deletes the fault of a blob that is whole again or deleted. A deleted one has no reference left. */
export async function clearFault(db: Queryable, digest: Digest): Promise<void> {
  await db.query('DELETE FROM blob_faults WHERE digest = $1', [digest]);
}

/** Finds the recorded fault of a blob. */
export async function findFault(db: Queryable, digest: Digest): Promise<BlobFault | undefined> {
  const [row] = await db.query<{ fault: BlobFault }>('SELECT fault FROM blob_faults WHERE digest = $1', [
    digest,
  ]);
  return row?.fault;
}

/** Lists all blobs with a fault, and how many reads of each were refused. */
export async function listFaults(db: Queryable): Promise<{ digest: Digest; refused: number }[]> {
  return db.query<{ digest: Digest; refused: number }>(
    'SELECT digest, refused FROM blob_faults ORDER BY digest',
  );
}

/** Counts a refused read of a blob with a fault. @returns the refused reads since the fault was recorded */
export async function recordRefusedRead(db: Queryable, digest: Digest): Promise<number> {
  const [row] = await db.query<{ refused: number }>(
    'UPDATE blob_faults SET refused = refused + 1 WHERE digest = $1 RETURNING refused',
    [digest],
  );
  return row?.refused ?? 0;
}

/**
 * Whether the store has a blob whole, as far as a short check can tell.
 * The size is always compared. Content is read only up to `maxReadAhead` bytes; a larger blob counts as whole if it
 * opens and no fault of it is recorded.
 */
export async function isStoredWhole(
  { db, blobs }: { db: Queryable; blobs: BlobStore },
  { digest, size }: Pick<Content, 'digest' | 'size'>,
): Promise<boolean> {
  if ((await blobs.stat(digest))?.size !== size) return false;
  const store = blobs.unchecked ?? blobs;
  if (size > maxReadAhead) return (await findFault(db, digest)) === undefined && canOpen(store, digest);
  const found = await inspectBlob(store, digest, size);
  return found.state === 'read' && found.digest === digest;
}

/** Reads the first byte of a blob: it fails for a folder in the blob's place and for an unreadable file. */
async function canOpen(blobs: BlobStore, digest: Digest): Promise<boolean> {
  try {
    const first = await blobs.open(digest, { first: 0, last: 0 });
    return first !== undefined && (await buffer(first)).length === 1;
  } catch (error) {
    if (isDamageError(error)) return false;
    throw error;
  }
}

/** Makes the error for clients that read a blob with a fault. */
export function faultError(digest: string, fault: BlobFault): RegistryError {
  const state = fault === 'missing' ? 'are missing' : 'are damaged';
  return new RegistryError(
    `blob.${fault}`,
    `The stored bytes of ${digest} ${state}. Upload the same content again, or have the operator run \`helm-registry verify --repair\`.`,
    { digest },
  );
}
