import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import type { Database, Queryable, Transaction } from '../db/port.ts';
import { type BlobFault, clearFault, isStoredWhole } from './blob-faults.ts';

/**
 * Bytes are put before the row that names them, and taken away when no row does. Between the two stands an advisory lock
 * on the digest: who names a blob holds it shared until the commit and sees that the blob is still there; who takes one
 * away holds it exclusively and sees that no row names it. So neither can slip past the other.
 */
const digestLock = (shared: boolean) =>
  `SELECT pg_advisory_xact_lock${shared ? '_shared' : ''}(hashtextextended('blob ' || $1, 0))`;

/** Makes sure, in the transaction that names them, that the bytes are there, whole, and stay until it commits. */
export async function claimBlob(tx: Transaction, blobs: BlobStore, content: Content): Promise<void> {
  const fault = await lockBlobShared(tx, content);
  await ensureStored(blobs, content, { tx, fault });
}

/** The first half of `claimBlob`: from now on nobody takes the bytes away. @returns their fault, if one is known */
export async function lockBlobShared(tx: Transaction, { digest }: Content): Promise<BlobFault | undefined> {
  const [held] = await tx.query<{ fault: BlobFault | null }>(holdAndLook, [digest]);
  return held?.fault ?? undefined;
}

const holdAndLook = `${digestLock(true)}, (SELECT fault FROM blob_faults WHERE digest = $1) AS fault`;

/**
 * The second half of `claimBlob`: brings bytes that were taken away before the first, or were found faulty.
 * @param known what `lockBlobShared` returned, and the transaction in which a fault is forgotten
 */
export async function ensureStored(
  blobs: BlobStore,
  content: Content,
  known: { tx: Queryable; fault: BlobFault | undefined } | undefined = undefined,
): Promise<void> {
  const isFaulty = known?.fault !== undefined;
  const size = (await blobs.stat(content.digest))?.size;
  if (size === content.size && !isFaulty) return;
  await blobs.put(content, { replace: size !== undefined });
  if (known && isFaulty) await clearFault(known.tx, content.digest);
}

/** Holds blobs that rows name already: what a job is made from must stay until the job's own row names it. */
export async function lockBlobsShared(tx: Transaction, digests: readonly Digest[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock_shared(hashtextextended('blob ' || digest, 0))
       FROM (SELECT DISTINCT unnest($1::text[]) AS digest ORDER BY digest) AS claimed`,
    [digests],
  );
}

/**
 * Whether a row names a blob, or has named it after a moment.
 * @param after that moment as PostgreSQL writes it; '-infinity' asks whether one is known to have named it ever
 */
export async function isReferenced(db: Queryable, digest: Digest, after: string): Promise<boolean> {
  const named = await db.query(
    `SELECT 1 WHERE EXISTS (SELECT FROM named_blobs WHERE digest = $1)
                 OR EXISTS (SELECT FROM garbage WHERE digest = $1 AND since > $2)
                 OR EXISTS (SELECT FROM job_sources s JOIN jobs j ON j.id = s.job_id
                             WHERE s.digest = $1 AND (j.finished_at IS NULL OR j.finished_at > $2))`,
    [digest, after],
  );
  return named.length > 0;
}

/** Milliseconds in which a lock that was just seen to be held cannot have been lost and taken by somebody else. */
const freshness = 2_000;

/**
 * Takes bytes away, and what is written down of them as garbage, unless a row names them or has named them after a moment.
 * @param after as in `isReferenced`
 * @returns the bytes that this gave free, or undefined when they stay
 * @throws when the lock may have been lost before the bytes were to go; they stay then
 */
export async function discardBlob(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  after = '-infinity',
): Promise<number | undefined> {
  const size = (await blobs.stat(digest))?.size ?? 0;
  return db.transaction(async (tx) => {
    await tx.query(digestLock(false), [digest]);
    const asked = performance.now();
    if (await isReferenced(tx, digest, after)) return undefined;
    // A process that was stopped just here may have lost its connection, and with it the lock.
    if (performance.now() - asked > freshness)
      throw new Error(`the lock on blob ${digest} is not certain any more`);
    await blobs.delete(digest);
    await tx.query('DELETE FROM garbage WHERE digest = $1', [digest]);
    await clearFault(tx, digest);
    return size;
  });
}

/** Whether rows name a blob whose stored bytes are not whole, so that the same content mends it. */
export async function isMendedBy(
  { db, blobs }: { db: Database; blobs: BlobStore },
  content: Content,
): Promise<boolean> {
  return (
    (await isReferenced(db, content.digest, 'infinity')) && !(await isStoredWhole({ db, blobs }, content))
  );
}

/** Takes away bytes that were brought in vain. What cannot be discarded now is found by a garbage collection. */
export async function tryDiscard(db: Database, blobs: BlobStore, digest: Digest): Promise<void> {
  await discardBlob(db, blobs, digest).catch(() => undefined);
}

/**
 * Puts bytes, then runs the transaction that names them; when that fails, bytes that no row names go again.
 * @returns what `name` returns
 */
export async function storeBlob<T>(
  db: Database,
  blobs: BlobStore,
  content: Content,
  name: () => Promise<T>,
): Promise<T> {
  await putIfAbsent({ db, blobs }, content);
  return commitBlobReference({ db, blobs }, content, name);
}

/**
 * The first half of `storeBlob`: puts the bytes, also over those of a blob that is not whole.
 * @returns whether they were not there before
 */
export async function putIfAbsent(
  { db, blobs }: { db: Database; blobs: BlobStore },
  content: Content,
): Promise<boolean> {
  const isThere = (await blobs.stat(content.digest)) !== undefined;
  if (isThere && (await isStoredWhole({ db, blobs }, content))) return false;
  await blobs.put(content, { replace: isThere });
  if (isThere) await clearFault(db, content.digest);
  return !isThere;
}

/**
 * The second half of `storeBlob`: runs the transaction that names the bytes.
 * @throws what `name` throws; bytes that no row names, or has let go of within the grace, are gone then, whoever put them:
 *   they may have been taken away and put again since `putIfAbsent` looked
 */
export async function commitBlobReference<T>(
  { db, blobs }: { db: Database; blobs: BlobStore },
  content: Content,
  name: () => Promise<T>,
): Promise<T> {
  try {
    return await name();
  } catch (error) {
    // The first error is the one to tell.
    await tryDiscard(db, blobs, content.digest);
    // Bytes that stay for another row are whole since `putIfAbsent`, also where they had been missing.
    await clearFault(db, content.digest).catch(() => undefined);
    throw error;
  }
}
