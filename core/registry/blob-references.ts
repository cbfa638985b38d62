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
const lockDigestSql = `SELECT pg_advisory_xact_lock(hashtextextended('blob ' || $1, 0))`;

/** Recorded faults of locked blobs. */
export type LockedFaults = ReadonlyMap<Digest, BlobFault>;

/** Database and store in which blob references are kept. */
interface ReferenceDeps {
  db: Database;
  blobs: BlobStore;
}

/** A blob in the store that a transaction is about to reference. */
export interface StagedBlob {
  digest: Digest;
  /** Whether the store did not have the blob before. */
  isNew: boolean;
  /**
   * Puts the blob again if it was deleted before the transaction locked it, or has a fault.
   * @param faults the result of `lockBlobsShared`; absent where a fault may stay
   */
  ensureStored(tx: Queryable, faults?: LockedFaults): Promise<void>;
  /** Whether `ensureStored` has nothing to put. */
  isStored(faults: LockedFaults): Promise<boolean>;
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

/** Puts a blob unless it is stored whole. Returns the steps that reference it. */
export async function stageBlob({ db, blobs }: ReferenceDeps, content: Content): Promise<StagedBlob> {
  const isThere = (await blobs.stat(content.digest)) !== undefined;
  if (!isThere || !(await isStoredWhole({ db, blobs }, content))) {
    await blobs.put(content, { replace: isThere });
    if (isThere) await clearFault(db, content.digest);
  }
  return createStagedBlob({ db, blobs }, content, !isThere);
}

/**
 * Puts a blob and runs the transaction that references it. The blob is rolled back when that fails.
 * @param write locks the blob in its transaction by `lockStored`, or by `lockBlobsShared` and `ensureStored`
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
  const sizeOf = async () => (await blobs.stat(digest))?.size;

  async function ensureStored(tx: Queryable, faults?: LockedFaults): Promise<void> {
    const size = await sizeOf();
    const isFaulty = faults?.has(digest) ?? false;
    if (size === content.size && !isFaulty) return;
    await blobs.put(content, { replace: size !== undefined });
    if (isFaulty) await clearFault(tx, digest);
  }

  const discard = async () => {
    await discardBlob(db, blobs, digest).catch(() => undefined);
  };

  return {
    digest,
    isNew,
    ensureStored,
    isStored: async (faults) => !faults.has(digest) && (await sizeOf()) === content.size,
    lockStored: async (tx) => ensureStored(tx, await lockBlobsShared(tx, [digest])),
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
 * Locks blobs shared, in one order, so that nothing deletes them before the transaction ends.
 * @returns the recorded faults of the blobs
 */
export async function lockBlobsShared(tx: Transaction, digests: readonly Digest[]): Promise<LockedFaults> {
  return toLockedFaults(await tx.query<LockedBlobRow>(lockBlobsSharedSql('$1'), [digests]));
}

/** Row of a blob that {@link lockBlobsSharedSql} has locked. */
export interface LockedBlobRow {
  digest: Digest;
  fault: BlobFault | null;
}

/** SQL of `lockBlobsShared`: a query with a {@link LockedBlobRow} for each blob. @param digests an SQL expression */
export const lockBlobsSharedSql = (digests: string) =>
  `SELECT digest, pg_advisory_xact_lock_shared(hashtextextended('blob ' || digest, 0)),
          (SELECT fault FROM blob_faults f WHERE f.digest = d.digest) AS fault
     FROM (SELECT DISTINCT digest COLLATE "C" AS digest FROM unnest((SELECT ${digests}::text[])) AS u (digest) ORDER BY 1) AS d`;

/** Collects the recorded faults of locked blobs. */
export function toLockedFaults(rows: readonly LockedBlobRow[]): LockedFaults {
  return new Map(rows.flatMap(({ digest, fault }) => (fault ? [[digest, fault]] : [])));
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
const lockTrustedMs = 2_000;

/** Options of `discardBlob`. */
export interface DiscardOptions {
  /** Keeps a blob that was referenced after this time, as in `isReferenced`; '-infinity' by default. */
  after?: string;
  /** Keeps a blob for other reasons; asked under the lock of the blob. What it throws ends the transaction. */
  isKept?: (tx: Transaction) => Promise<boolean>;
}

/**
 * Deletes a blob that no row references, and its entry in `garbage`.
 * @returns the bytes that were freed, or undefined when the blob stays
 * @throws when the lock may have been lost before the deletion; the blob stays then
 */
export async function discardBlob(
  db: Database,
  blobs: BlobStore,
  digest: Digest,
  { after = '-infinity', isKept }: DiscardOptions = {},
): Promise<number | undefined> {
  const size = (await blobs.stat(digest))?.size ?? 0;
  return db.transaction(async (tx) => {
    await tx.query(lockDigestSql, [digest]);
    const checkedAt = performance.now();
    if ((await isReferenced(tx, digest, after)) || (await isKept?.(tx))) return undefined;
    // A process that was stopped at this line may have lost its connection, and its lock with the connection.
    if (performance.now() - checkedAt > lockTrustedMs)
      throw new Error(`the lock on blob ${digest} is no longer certain`);
    await blobs.delete(digest);
    await tx.query('DELETE FROM garbage WHERE digest = $1', [digest]);
    await clearFault(tx, digest);
    return size;
  });
}

/** Whether rows reference a blob whose stored bytes are not whole. The same content then repairs it. */
export async function isRepairedBy({ db, blobs }: ReferenceDeps, content: Content): Promise<boolean> {
  return (
    (await isReferenced(db, content.digest, 'infinity')) && !(await isStoredWhole({ db, blobs }, content))
  );
}
