import { buffer } from 'node:stream/consumers';
import { isDamage } from '../blobs/damaged-blob.ts';
import { describeFault, type Inspection, inspectBlob } from '../blobs/inspect-blob.ts';
import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import { maxReadAhead } from '../blobs/read-checked.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/** State of a blob that rows name and whose bytes are not what its digest says, or are not there. */
export type BlobFault = 'damaged' | 'missing';

/**
 * Records what an inspection has found: a fault, or that there is none any more.
 * An inspection that failed for a reason that passes changes nothing.
 * @param found undefined for a blob that no row names
 * @returns the fault that is found, or was known before an inspection that found out nothing
 */
export async function recordInspection(
  db: Queryable,
  digest: Digest,
  found: Inspection | undefined,
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

/** Forgets the fault of a blob that is whole again, or gone with the last row that named it. */
export async function clearFault(db: Queryable, digest: Digest): Promise<void> {
  await db.query('DELETE FROM blob_faults WHERE digest = $1', [digest]);
}

/** Fault of a blob as far as it is known. */
export async function findFault(db: Queryable, digest: Digest): Promise<BlobFault | undefined> {
  const [row] = await db.query<{ fault: BlobFault }>('SELECT fault FROM blob_faults WHERE digest = $1', [
    digest,
  ]);
  return row?.fault;
}

/** All blobs that are known to have a fault, each with how many reads of it were refused. */
export async function listFaults(db: Queryable): Promise<{ digest: Digest; refused: number }[]> {
  return db.query<{ digest: Digest; refused: number }>(
    'SELECT digest, refused FROM blob_faults ORDER BY digest',
  );
}

/** Counts a read that was refused. @returns how many have been, of this blob, since its fault was found */
export async function countRefusal(db: Queryable, digest: Digest): Promise<number> {
  const [row] = await db.query<{ refused: number }>(
    'UPDATE blob_faults SET refused = refused + 1 WHERE digest = $1 RETURNING refused',
    [digest],
  );
  return row?.refused ?? 0;
}

/**
 * Whether the store has these bytes whole, as far as it can be told without much reading: the size of every blob is looked
 * at, the content of a small one is read, and a large one is believed if it opens and no fault of it is known.
 */
export async function isStoredWhole(
  { db, blobs }: { db: Queryable; blobs: BlobStore },
  { digest, size }: Pick<Content, 'digest' | 'size'>,
): Promise<boolean> {
  if ((await blobs.stat(digest))?.size !== size) return false;
  const store = blobs.unchecked ?? blobs;
  if (size > maxReadAhead) return (await findFault(db, digest)) === undefined && opens(store, digest);
  const found = await inspectBlob(store, digest);
  return found.state === 'read' && found.digest === digest;
}

/** Reads the first byte of a blob, which tells of a folder in its place and of a file that may not be read. */
async function opens(blobs: BlobStore, digest: Digest): Promise<boolean> {
  try {
    const first = await blobs.open(digest, { first: 0, last: 0 });
    return first !== undefined && (await buffer(first)).length === 1;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

/** Error that a client is told of a blob with a fault. */
export function faultError(digest: string, fault: BlobFault): RegistryError {
  const what = fault === 'missing' ? 'are missing' : 'are damaged';
  return new RegistryError(
    `blob.${fault}`,
    `The stored bytes of ${digest} ${what}. Upload the same content again, or have the operator run \`helm-registry verify --repair\`.`,
    { digest },
  );
}
