import type { Transaction } from '../db/port.ts';
import { lockKeys } from './resource.ts';

/** A version to lock. */
type Target = readonly [space: string, chart: string, version: string];

/**
 * Locks versions for this transaction as far as they are free, without a wait: for writers that share a transaction.
 * The locks are those of `acquireAdvisoryLocks`: exclusive on each version, shared on its space and chart. A version that
 * another writer has must be written alone, under `Locks.withLock`.
 * @param targets versions, each once
 * @returns for each version whether this transaction has the lock and no lock in the table excludes it
 */
export async function tryLockVersions(tx: Transaction, targets: readonly Target[]): Promise<boolean[]> {
  const keys = targets.map((target) => lockKeys(target));
  const columns = [0, 1].map((depth) => keys.map(({ containers }) => containers[depth]));
  const params = [...columns, keys.map(({ key }) => key)];
  // The second statement sees what was committed before the first had the locks.
  const [locked, excluded] = await Promise.all([
    tx.query<{ key: string; isLocked: boolean }>(tryLocksSql, params),
    tx.query<{ key: string }>(excludedSql, params),
  ]);
  const free = new Set(locked.filter(({ isLocked }) => isLocked).map(({ key }) => key));
  for (const { key } of excluded) free.delete(key);
  return keys.map(({ key }) => free.has(key));
}

const targetsSql = 'unnest($1::text[], $2::text[], $3::text[]) AS t (space, chart, key)';

const tryLocksSql = `SELECT key, pg_try_advisory_xact_lock_shared(hashtextextended(space, 0))
      AND pg_try_advisory_xact_lock_shared(hashtextextended(chart, 0))
      AND pg_try_advisory_xact_lock(hashtextextended(key, 0)) AS "isLocked"
  FROM ${targetsSql}`;

const excludedSql = `SELECT key FROM ${targetsSql}
 WHERE EXISTS (SELECT FROM locks WHERE resource = key AND expires_at > statement_timestamp())
    OR EXISTS (SELECT FROM locks WHERE resource = ANY(ARRAY[space, t.chart]) AND exclusive
                                   AND expires_at > statement_timestamp())`;
