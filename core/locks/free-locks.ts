import type { Transaction } from '../db/port.ts';
import { lockKeysOf } from './resource.ts';

/** A version as the resource of a lock. Versions do not contain each other. */
export type VersionResource = readonly [space: string, chart: string, version: string];

/**
 * Milliseconds for which a transaction with the locks of a set waits for a row or a blob.
 * A writer that hangs must delay only those that want the same.
 */
const maxWaitMs = 1_000;

/**
 * Acquires the write locks of those versions that are free, until the transaction ends. Waits for nobody.
 * A version is not free when another writer has it or what contains it, when a job has reserved it, when a lease on it
 * has ended and was not removed, and when it comes a second time. Later waits of the transaction for short locks of
 * rows and blobs end with 55P03 after a second.
 * @returns whether each lock was acquired, in the order of the versions
 */
export async function acquireFreeLocks(
  tx: Transaction,
  versions: readonly VersionResource[],
): Promise<boolean[]> {
  const wanted = versions.map(lockKeysOf);
  const keys = [...new Set(wanted.map(({ key }) => key))];
  const containers = [...new Set(wanted.flatMap((resource) => resource.containers))];
  const ordered = [...containers, ...keys].sort();
  const shared = new Set(containers);
  // The table is read by a statement of its own, so that it shows what a holder of the same lock has committed before.
  const [busy, reserved] = await Promise.all([
    tx.query<{ key: string }>(tryAdvisoryLocksStatement, [
      `${maxWaitMs}ms`,
      ordered,
      ordered.map((key) => shared.has(key)),
    ]),
    tx.query<{ key: string }>(selectBlockingLocksStatement, [keys, containers]),
  ]);
  const taken = new Set([...busy, ...reserved].map(({ key }) => key));
  return wanted.map((resource) => {
    const isFree = ![...resource.containers, resource.key].some((key) => taken.has(key));
    // Only the first of the same versions is free.
    taken.add(resource.key);
    return isFree;
  });
}

const tryAdvisoryLocksStatement = `
  SELECT key
    FROM set_config('lock_timeout', $1, true), unnest((SELECT $2::text[]), (SELECT $3::boolean[])) AS k (key, shared)
   WHERE NOT CASE WHEN shared THEN pg_try_advisory_xact_lock_shared(hashtextextended(key, 0))
                  ELSE pg_try_advisory_xact_lock(hashtextextended(key, 0)) END`;

const selectBlockingLocksStatement = `
  SELECT resource AS key FROM locks WHERE resource = ANY((SELECT $1::text[])::text[])
  UNION ALL
  SELECT resource FROM locks WHERE resource = ANY((SELECT $2::text[])::text[]) AND exclusive`;
