import type { BlobStore, Content, Digest } from '../blobs/port.ts';
import type { Database, Queryable, Transaction } from '../db/port.ts';
import { type BlobFault, clearFault, isStoredWhole } from './blob-faults.ts';

/**
 * Advisory lock on a digest, which ends with its transaction.
 *
 * A blob is put before a row references it, and deleted when no row does. A transaction that adds a reference holds the
 * lock shared until its commit, and checks under the lock that the store still has the blob. A deletion holds the lock
 * exclusively, and checks under the lock that no row references the blob. So neither can miss the other.
 */
const digestLock = (shared: boolean) =>
  `SELECT pg_advisory_xact_lock${shared ? '_shared' : ''}(hashtextextended('blob ' || $1, 0))`;

const lockAndReadFault = `${digestLock(true)}, (SELECT fault FROM blob_faults WHERE digest = $1) AS fault`;

/** Database and store in which blob references are kept. */
interface ReferenceDeps {
  db: Database;
  blobs: BlobStore;
}

/** A blob in the store that a transaction is about to reference. */
export interface StagedBlob {
  /** Whether the store did not have the blob before. */
  isNew: boolean;
  /**
   * Locks the blob shared, so that nothing deletes it before the transaction ends.
   * The statement also reads the recorded fault of the blob, for `ensureStored`.
   */
  lock(tx: Transaction): Promise<void>;
  /** Puts the blob again if it was deleted before `lock`, or has a fault. */
  ensureStored(tx: Queryable): Promise<void>;
  /** Locks the blob, then ensures that it is stored: for transactions that do nothing between the two. */
  lockStored(tx: Transaction): Promise<void>;
  /**
   * Runs the transaction that adds the reference. When it fails, the blob is deleted unless a row references it.
   * An unreferenced blob is deleted even if it is not new: since the staging, a collection may have deleted it, and
   * `ensureStored` put it again.
   * @throws the error of `write`
   */
  commit<T>(write: () => Promise<T>): Promise<T>;
  /** Deletes the blob unless a row references it; a failure is left to the garbage collection. */
  discard(): Promise<void>;
}

/** Puts a blob that is missing or not whole, and returns the steps that reference it. */
export async function stageBlob({ db, blobs }: ReferenceDeps, content: Content): Promise<StagedBlob> {
  const isThere = (await blobs.stat(content.digest)) !== undefined;
  if (!isThere || !(await isStoredWhole({ db, blobs }, content))) {
    await blobs.put(content, { replace: isThere });
    if (isThere) await clearFault(db, content.digest);
  }
  return createStagedBlob({ db, blobs }, content, !isThere);
}

/**
 * Puts a blob and runs the transaction that references it; rolls the blob back when that fails.
 * @param write locks the blob in its transaction by `lockStored`, or by `lock` and `ensureStored`
 * @returns the result of `write`
 */
export async function storeBlob<T>(
  deps: ReferenceDeps,
  content: Content,
  write: (blob: StagedBlob) => Promise<T>,
): Promise<T> {
  const blob = await stageBlob(deps, content);
  return blob.commit(() => write(blob));
}

function createStagedBlob({ db, blobs }: ReferenceDeps, content: Content, isNew: boolean): StagedBlob {
  const { digest } = content;
  let fault: BlobFault | undefined;

  async function lock(tx: Transaction): Promise<void> {
    const [locked] = await tx.query<{ fault: BlobFault | null }>(lockAndReadFault, [digest]);
    fault = locked?.fault ?? undefined;
  }

  const ensure = (tx: Queryable) => ensureStored({ db: tx, blobs }, content, fault);

  const discard = async () => {
    await discardBlob(db, blobs, digest).catch(() => undefined);
  };

  return {
    isNew,
    lock,
    ensureStored: ensure,
    async lockStored(tx) {
      await lock(tx);
      await ensure(tx);
    },
    async commit(write) {
      try {
        return await write();
      } catch (error) {
        await discard();
        // A blob that stays for another row is whole since `stageBlob`, also where it had been missing.
        await clearFault(db, digest).catch(() => undefined);
        throw error;
      }
    },
    discard,
  };
}

/**
 * Puts a blob again if it was deleted before the transaction locked it, or has a fault.
 * @param fault the recorded fault of the blob, read under the lock
 */
export async function ensureStored(
  { db, blobs }: { db: Queryable; blobs: BlobStore },
  content: Content,
  fault: BlobFault | undefined,
): Promise<void> {
  const size = (await blobs.stat(content.digest))?.size;
  if (size === content.size && fault === undefined) return;
  await blobs.put(content, { replace: size !== undefined });
  if (fault !== undefined) await clearFault(db, content.digest);
}

/** Locks referenced blobs shared, so that they stay until the transaction has added its reference. */
export async function lockBlobsShared(tx: Transaction, digests: readonly Digest[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock_shared(hashtextextended('blob ' || digest, 0))
       FROM (SELECT DISTINCT unnest($1::text[]) AS digest ORDER BY digest) AS digests`,
    [digests],
  );
}

/**
 * Whether a row references a blob, or referenced it after a point in time.
 * @param after the time as PostgreSQL writes it; '-infinity' asks whether any reference is known, also an ended one
 */
export async function isReferenced(db: Queryable, digest: Digest, after: string): Promise<boolean> {
  const references = await db.query(
    `SELECT 1 WHERE EXISTS (SELECT FROM named_blobs WHERE digest = $1)
                 OR EXISTS (SELECT FROM garbage WHERE digest = $1 AND since > $2)
                 OR EXISTS (SELECT FROM job_sources s JOIN jobs j ON j.id = s.job_id
                             WHERE s.digest = $1 AND (j.finished_at IS NULL OR j.finished_at > $2))`,
    [digest, after],
  );
  return references.length > 0;
}

/** Milliseconds for which a lock is certain after a query over its connection: it cannot have been lost so soon. */
const lockCertainMs = 2_000;

/**
 * Deletes a blob that no row references, and its entry in `garbage`.
 * @param after keeps a blob that was referenced after this time, as in `isReferenced`
 * @returns the bytes that were freed, or undefined when the blob stays
 * @throws when the lock may have been lost before the deletion; the blob stays then
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
    const checkedAt = performance.now();
    if (await isReferenced(tx, digest, after)) return undefined;
    // A process that was stopped at this line may have lost its connection, and its lock with the connection.
    if (performance.now() - checkedAt > lockCertainMs)
      throw new Error(`the lock on blob ${digest} is not certain any more`);
    await blobs.delete(digest);
    await tx.query('DELETE FROM garbage WHERE digest = $1', [digest]);
    await clearFault(tx, digest);
    return size;
  });
}

/** Whether rows reference a blob whose stored bytes are not whole, so that the same content repairs it. */
export async function isRepairedBy({ db, blobs }: ReferenceDeps, content: Content): Promise<boolean> {
  return (
    (await isReferenced(db, content.digest, 'infinity')) && !(await isStoredWhole({ db, blobs }, content))
  );
}
