import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database, Transaction } from '../db/port.ts';
import { isKeptForRestore } from '../deletions/kept-blobs.ts';
import { isRegistryError } from '../errors.ts';
import { expireOci } from '../oci/expire.ts';
import { discardBlob, isReferenced } from '../registry/blob-references.ts';
import { dropStaleDerivedBlobs } from '../registry/derived-blobs.ts';
import { forEachConcurrently, groupInBatches } from './batches.ts';
import {
  countWaitingGarbage,
  databaseTimeBefore,
  dropObsoleteEntries,
  findUnrecordedOrphans,
  listDueGarbage,
  recordOrphans,
} from './garbage.ts';
import { assertNotHeld, RegistryHeldError } from './hold.ts';
import type { MaintenanceDeps } from './maintenance.ts';

/** Options of a garbage collection. */
export interface CollectOptions {
  /** Grace period: seconds that a blob is kept after its last reference is gone. */
  graceSeconds: number;
  /** Seconds that a blob is kept after the deletion of a version that has it; 0 by default. */
  restoreSeconds?: number;
  /** Seconds after which idle OCI upload sessions and OCI blobs without a manifest expire; undefined expires none. */
  expirySeconds?: number;
  /** Counts what would be deleted, and changes nothing. */
  dryRun?: boolean;
  /** Ends the collection before the next blob; the next collection does the rest. */
  signal?: AbortSignal;
}

/** Result of a collection. */
export interface CollectionResult {
  /** Orphans that were not recorded: left by a crash or by another program. */
  found: number;
  /** Deleted blobs. */
  removed: number;
  /** Bytes of the deleted blobs. */
  freed: number;
  /** Blobs that could not be examined or deleted; the log has the errors. */
  failed: number;
  /** Recorded orphans that are kept: their grace period lasts, or a job needs them. */
  waiting: number;
}

/** Lock of collections; no space can have a name with a blank. */
const collectionLockResource = ['garbage collection'] as const;

/** Blobs in one query, and blobs that are deleted concurrently. */
const batchSize = 1_000;
const maxConcurrent = 4;

/**
 * Deletes blobs that have been orphans for the grace period. Deleting or replacing a version records its
 * orphans; others are found by listing the store, and their grace period begins then.
 * @returns undefined, having done nothing, while another collection runs
 * @throws {RegistryHeldError} when the registry is held, before the next deletion
 * @throws when the database or the store cannot be reached; earlier deletions stay
 */
export async function collectGarbage(
  deps: MaintenanceDeps,
  options: CollectOptions,
): Promise<CollectionResult | undefined> {
  if (options.dryRun) return collectOrphans(deps, options);
  // Concurrent collections would be harmless, since each blob has its own lock, but would do all work twice.
  const lease = await deps.locks.lease(collectionLockResource).catch((error: unknown) => {
    if (isRegistryError(error, 'resource.locked')) return undefined;
    throw error;
  });
  if (!lease) return undefined;
  try {
    const { expirySeconds, graceSeconds, restoreSeconds = 0, signal } = options;
    await deps.db.transaction(assertNotHeld);
    if (expirySeconds !== undefined) {
      const expired = await expireOci(
        deps.db,
        { expirySeconds, graceSeconds, restoreSeconds, guard: assertNotHeld },
        signal,
      );
      deps.log.debug(expired, 'expired OCI upload sessions and blobs');
    }
    await dropStaleDerivedBlobs(deps.db);
    return await collectOrphans(deps, options);
  } finally {
    await lease.release();
  }
}

async function collectOrphans(deps: MaintenanceDeps, options: CollectOptions): Promise<CollectionResult> {
  const { db, blobs } = deps;
  const { graceSeconds, restoreSeconds = 0, dryRun = false } = options;
  const collected: CollectionResult = { found: 0, removed: 0, freed: 0, failed: 0, waiting: 0 };
  const discardAll = (digests: readonly Digest[], until: string) =>
    forEachConcurrently(digests, maxConcurrent, async (digest) => {
      options.signal?.throwIfAborted();
      await discardOrphan(deps, digest, { until, restoreSeconds, dryRun }, collected);
    });

  for await (const listed of groupInBatches(blobs.list(), batchSize)) {
    options.signal?.throwIfAborted();
    if (!dryRun) await db.transaction(assertNotHeld);
    const digests = listed.map((blob) => blob.digest);
    const found = await (dryRun ? findUnrecordedOrphans : recordOrphans)(db, digests);
    collected.found += found.length;
    if (dryRun && graceSeconds === 0) await discardAll(found, await databaseTimeBefore(db, 0));
  }
  const until = await databaseTimeBefore(db, graceSeconds);
  for await (const due of listDueGarbage(db, until, restoreSeconds, batchSize)) {
    if (!dryRun) await dropObsoleteEntries(db, due);
    const pending = due.filter((entry) => !entry.obsolete);
    await discardAll(
      pending.map((entry) => entry.digest),
      until,
    );
  }
  const recorded = await countWaitingGarbage(db);
  collected.waiting = dryRun ? recorded + collected.found - collected.removed : recorded;
  return collected;
}

async function discardOrphan(
  { db, blobs, log }: MaintenanceDeps,
  digest: Digest,
  { until, restoreSeconds, dryRun }: { until: string; restoreSeconds: number; dryRun: boolean },
  collected: CollectionResult,
): Promise<void> {
  const isKept = async (tx: Transaction) => {
    await assertNotHeld(tx);
    return isKeptForRestore(tx, digest, restoreSeconds);
  };
  try {
    const freed = dryRun
      ? await sizeIfOrphan(db, blobs, digest, until)
      : await discardBlob(db, blobs, digest, { after: until, isKept });
    // A blob that was gone already only loses its entry.
    if (!freed) return;
    collected.removed += 1;
    collected.freed += freed;
  } catch (error) {
    if (error instanceof RegistryHeldError) throw error;
    await assertReachable(db, blobs);
    collected.failed += 1;
    log.warn({ digest, error }, 'a blob could not be collected, the next collection tries again');
  }
}

async function sizeIfOrphan(db: Database, blobs: BlobStore, digest: Digest, until: string) {
  return (await isReferenced(db, digest, until)) ? undefined : (await blobs.stat(digest))?.size;
}

/**
 * Throws when the database or the store is down, since every further blob would fail alike; other errors
 * concern one blob.
 */
async function assertReachable(db: Database, blobs: BlobStore): Promise<void> {
  await db.query('SELECT 1');
  await blobs.ping();
}
