import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import type { Database, Transaction } from '../db/port.ts';

/**
 * Bytes are put before the row that names them, and taken away when no row does. Between the two stands an advisory lock
 * on the digest: who names a blob holds it shared until the commit and sees that the blob is still there; who takes one
 * away holds it exclusively and sees that no row names it. So neither can slip past the other.
 */
const digestLock = (shared: boolean) =>
  `SELECT pg_advisory_xact_lock${shared ? '_shared' : ''}(hashtextextended('blob ' || $1, 0))`;

/** Makes sure, in the transaction that names them, that the bytes are there and stay until it commits. */
export async function claimBlob(tx: Transaction, blobs: BlobStore, content: Content): Promise<void> {
  await tx.query(digestLock(true), [content.digest]);
  if (!(await blobs.stat(content.digest))) await blobs.put(content);
}

/** The same for blobs that rows name already: what a job is made from must stay until the job's own row names it. */
export async function claimStoredBlobs(tx: Transaction, digests: readonly Digest[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock_shared(hashtextextended('blob ' || digest, 0))
       FROM (SELECT DISTINCT unnest($1::text[]) AS digest ORDER BY digest) AS claimed`,
    [digests],
  );
}

/** Takes bytes away unless a row names them. @returns whether they are gone */
export async function discardBlob(db: Database, blobs: BlobStore, digest: Digest): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query(digestLock(false), [digest]);
    const named = await tx.query(
      `SELECT 1 WHERE EXISTS (SELECT FROM versions WHERE digest = $1)
                   OR EXISTS (SELECT FROM job_sources s JOIN jobs j ON j.id = s.job_id
                               WHERE s.digest = $1 AND j.state IN ('queued', 'running'))`,
      [digest],
    );
    if (named.length > 0) return false;
    await blobs.delete(digest);
    return true;
  });
}

/**
 * Puts bytes, then runs the transaction that names them; when that fails, the bytes that it brought go again.
 * @returns what `name` returns
 */
export async function storeBlob<T>(
  db: Database,
  blobs: BlobStore,
  content: Content,
  name: () => Promise<T>,
): Promise<T> {
  const before = await blobs.stat(content.digest);
  if (!before) await blobs.put(content);
  try {
    return await name();
  } catch (error) {
    // What cannot be discarded now stays as bytes that nothing names; the first error is the one to tell.
    if (!before) await discardBlob(db, blobs, content.digest).catch(() => false);
    throw error;
  }
}
