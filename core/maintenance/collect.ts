import type { BlobStore, Digest } from '../blobs/port.ts';
import type { Database } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import { expireOci } from '../oci/expire.ts';
import { discardBlob, isNamed } from '../registry/blob-references.ts';
import { eachOf, inBatches } from './batches.ts';
import {
  countWaiting,
  dropSettled,
  findUnnamed,
  listDue,
  momentBefore,
  writeDownUnnamed,
} from './garbage.ts';
import type { Upkeep } from './maintenance.ts';

export interface CollectOptions {
  /** Seconds that a blob is kept after the last row that named it is gone. */
  grace: number;
  /**
   * Seconds that uploads to the OCI interface may be left alone, and that their blobs may wait for a manifest; without it
   * they are left as they are.
   */
  expiry?: number;
  /** Say what would be done, and change nothing. */
  dryRun?: boolean;
  /** Ends the collection before the next blob; what is left waits for the next one. */
  signal?: AbortSignal;
}

/** What a collection came upon. */
export interface Collected {
  /** Blobs that nothing named and nobody had written down: what a crash, or a stranger, left. */
  found: number;
  removed: number;
  /** Bytes of what was removed. */
  freed: number;
  /** Blobs that could not be looked at or removed; the log says why. */
  failed: number;
  /** Blobs that are written down, and kept: their grace is not over, or a job needs them. */
  waiting: number;
}

/** No space can be called this. */
const resource = ['garbage collection'] as const;

/** Blobs in one query, and blobs that are taken away at the same time. */
const batchSize = 1_000;
const width = 4;

/**
 * Removes the bytes that no row has named for a while: those of versions that were deleted or replaced, which are
 * written down already, and those that it finds by listing the store, whose grace begins with that.
 * @returns undefined, having done nothing, while another collection runs
 * @throws when the database or the store cannot be reached; what was done until then is done
 */
export async function collectGarbage(
  upkeep: Upkeep,
  options: CollectOptions,
): Promise<Collected | undefined> {
  if (options.dryRun) return collect(upkeep, options);
  // Two at once would do no harm, each blob has its own lock; they would only do everything twice.
  const lease = await upkeep.locks.lease(resource).catch((error: unknown) => {
    if (isRegistryError(error, 'resource.locked')) return undefined;
    throw error;
  });
  if (!lease) return undefined;
  try {
    const { expiry, grace, signal } = options;
    if (expiry !== undefined) {
      const expired = await expireOci(upkeep.db, { expiry, grace }, signal);
      upkeep.log.debug(expired, 'let go of what nobody needs in OCI repositories');
    }
    return await collect(upkeep, options);
  } finally {
    await lease.release();
  }
}

async function collect(upkeep: Upkeep, options: CollectOptions): Promise<Collected> {
  const { db, blobs } = upkeep;
  const { grace, dryRun = false } = options;
  const collected: Collected = { found: 0, removed: 0, freed: 0, failed: 0, waiting: 0 };
  const removeAll = (digests: readonly Digest[], until: string) =>
    eachOf(digests, width, async (digest) => {
      options.signal?.throwIfAborted();
      await remove(upkeep, digest, until, dryRun, collected);
    });

  for await (const listed of inBatches(blobs.list(), batchSize)) {
    options.signal?.throwIfAborted();
    const digests = listed.map((blob) => blob.digest);
    const found = await (dryRun ? findUnnamed : writeDownUnnamed)(db, digests);
    collected.found += found.length;
    if (dryRun && grace === 0) await removeAll(found, await momentBefore(db, 0));
  }
  const until = await momentBefore(db, grace);
  for await (const due of listDue(db, until, batchSize)) {
    if (!dryRun) await dropSettled(db, due);
    const unsettled = due.filter((entry) => !entry.settled);
    await removeAll(
      unsettled.map((entry) => entry.digest),
      until,
    );
  }
  const writtenDown = await countWaiting(db);
  collected.waiting = dryRun ? writtenDown + collected.found - collected.removed : writtenDown;
  return collected;
}

async function remove(
  { db, blobs, log }: Upkeep,
  digest: Digest,
  until: string,
  dryRun: boolean,
  collected: Collected,
): Promise<void> {
  try {
    const freed = dryRun
      ? await sizeIfUnnamed(db, blobs, digest, until)
      : await discardBlob(db, blobs, digest, until);
    // Of what was gone already only the entry goes.
    if (!freed) return;
    collected.removed += 1;
    collected.freed += freed;
  } catch (error) {
    await assertReachable(db, blobs);
    collected.failed += 1;
    log.warn({ digest, error }, 'a blob could not be collected, the next collection tries again');
  }
}

async function sizeIfUnnamed(db: Database, blobs: BlobStore, digest: Digest, until: string) {
  return (await isNamed(db, digest, until)) ? undefined : (await blobs.stat(digest))?.size;
}

/** One blob's trouble is its own; when a part is down, every other blob would fail the same way. */
async function assertReachable(db: Database, blobs: BlobStore): Promise<void> {
  await db.query('SELECT 1');
  await blobs.ping();
}
