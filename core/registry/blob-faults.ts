import { buffer } from 'node:stream/consumers';
import { isDamageError } from '../blobs/damaged-blob.ts';
import { type BlobInspection, describeFault, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import { maxReadAhead } from '../blobs/read-checked.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/** Fault of a referenced blob: its bytes do not match its digest, or the store does not have them. */
export type BlobFault = 'damaged' | 'missing';

/** Recorded result of an inspection. */
export interface RecordedInspection {
  /** The fault, or the known one where the inspection found out nothing. */
  fault: BlobFault | undefined;
  /** Whether a repair may have replaced the inspected bytes without clearing the fault: inspect once more. */
  isUnsure: boolean;
}

/**
 * Records an inspection's result: stores the found fault, or deletes an old one. An inspection that failed for a
 * passing reason changes nothing. A repair clears only faults that are committed, so a new fault is not sure before the
 * blob was inspected after its commit.
 * @param found undefined for a blob that no row references
 * @param known fault that was recorded before the inspection began
 */
export async function recordInspection(
  db: Queryable,
  digest: Digest,
  found: BlobInspection | undefined,
  known: BlobFault | undefined,
): Promise<RecordedInspection> {
  if (found?.state === 'unknown') return { fault: await findFault(db, digest), isUnsure: false };
  if (!found || describeFault(digest, found, undefined) === undefined) {
    await clearFault(db, digest);
    return { fault: undefined, isUnsure: false };
  }
  const fault = found.state === 'missing' ? 'missing' : 'damaged';
  if (known === undefined) {
    await db.query(
      `INSERT INTO blob_faults (digest, fault) VALUES ($1, $2)
       ON CONFLICT (digest) DO UPDATE SET fault = excluded.fault`,
      [digest, fault],
    );
    return { fault, isUnsure: true };
  }
  // A known fault that is gone was cleared by a repair since the inspection began.
  const updated = await db.query('UPDATE blob_faults SET fault = $2 WHERE digest = $1 RETURNING 1', [
    digest,
    fault,
  ]);
  return { fault, isUnsure: updated.length === 0 };
}

/** Largest number of inspections of a blob; each one after the second needs a repair meanwhile. */
const maxInspections = 3;

/** Inspects a blob until its record is sure. A repair may come between an inspection and its record. */
export async function inspectUntilSure<T extends { isUnsure: boolean }>(
  inspect: () => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    const result = await inspect();
    if (!result.isUnsure || number === maxInspections) return result;
  }
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
