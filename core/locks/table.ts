import type { Queryable } from '../db/port.ts';
import { lockKeys, type Resource } from './resource.ts';

/** The channel on which every release is announced to writers that wait. */
export const releaseChannel = 'lock_released';

/**
 * Excludes other writers for the length of this transaction: exclusive on the resource, shared on what contains it,
 * outermost first, so that no two writers wait for one another in a circle.
 * @param timeout milliseconds; PostgreSQL gives up with 55P03 after it. Later waits of the transaction, for rows that other
 *   writers touch for a moment, are not bounded by it
 */
export async function acquireAdvisoryLocks(
  tx: Queryable,
  resource: Resource,
  timeout: number,
): Promise<void> {
  const { containers, own } = lockKeys(resource);
  // A list of expressions is evaluated from left to right.
  const steps = [
    "set_config('lock_timeout', $1, true)",
    ...containers.map((_, i) => `pg_advisory_xact_lock_shared(hashtextextended($${i + 3}, 0))`),
    'pg_advisory_xact_lock(hashtextextended($2, 0))',
    "set_config('lock_timeout', '0', true)",
  ];
  await tx.query(`SELECT ${steps.join(', ')}`, [`${Math.max(1, Math.ceil(timeout))}ms`, own, ...containers]);
}

/**
 * Looks for a lasting lock that excludes a writer of this resource, and clears away those whose lease is
 * over: their holder is presumed dead and will find its fence gone.
 * @returns milliseconds until that lease ends (Infinity for a job's reservation), or undefined when the way is free
 */
export async function findConflictingLock(tx: Queryable, resource: Resource): Promise<number | undefined> {
  const { containers, own } = lockKeys(resource);
  // The statement's own time, not the transaction's, which may have begun long before the lock was free.
  const [blocker] = await tx.query<{ wait: number | null }>(
    `WITH gone AS (
       DELETE FROM locks WHERE resource = ANY($1::text[] || $2::text) AND expires_at <= statement_timestamp()
     ), others AS (
       (SELECT expires_at FROM locks
         WHERE resource = $2 AND expires_at > statement_timestamp()
         ORDER BY expires_at DESC LIMIT 1)
       UNION ALL
       (SELECT expires_at FROM locks
         WHERE resource = ANY($1::text[]) AND exclusive AND expires_at > statement_timestamp()
         ORDER BY expires_at DESC LIMIT 1)
     )
     SELECT CASE WHEN isfinite(expires_at)
                 THEN extract(epoch FROM expires_at - statement_timestamp())::float8 * 1000 END AS wait
       FROM others ORDER BY expires_at DESC LIMIT 1`,
    [containers, own],
  );
  return blocker && (blocker.wait ?? Number.POSITIVE_INFINITY);
}

/**
 * Writes a lasting lock down; `acquireAdvisoryLocks` and `findConflictingLock` come before it in the same transaction.
 * @param lease seconds until it ends unless it is renewed, or 'infinity' for one that a job releases when it ends
 * @returns the fence: a number that grows with every lock taken
 */
export async function insertLock(
  tx: Queryable,
  resource: Resource,
  holder: string,
  lease: number | 'infinity',
): Promise<number> {
  const { containers, own } = lockKeys(resource);
  const [lock] = await tx.query<{ fence: number }>(
    `WITH taken AS (SELECT nextval('fences') AS fence)
     INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
     SELECT key, $1, key = $3, fence,
            CASE WHEN $4 = 'infinity' THEN 'infinity' ELSE clock_timestamp() + $4::interval END
       FROM taken, unnest($2::text[] || $3::text) AS key
     RETURNING fence`,
    [holder, containers, own, lease === 'infinity' ? lease : `${lease} seconds`],
  );
  if (lock === undefined) throw new Error('a lock was not written');
  return lock.fence;
}

/**
 * SQL that gives up all that holders have and tells those who wait: common table expressions, of which `released` has a row
 * if there was anything to give up, and must be asked for.
 * @param holders a query of their ids
 */
export const releaseLocksSql = (holders: string) =>
  `gone AS (DELETE FROM locks WHERE holder IN (${holders}) RETURNING resource),
   released AS (SELECT pg_notify('${releaseChannel}', min(resource)) FROM gone HAVING count(*) > 0)`;

/** Gives up all that a holder has and tells those who wait. @returns whether there was anything to give up */
export async function deleteLocks(tx: Queryable, holder: string): Promise<boolean> {
  const released = await tx.query(`WITH ${releaseLocksSql('SELECT $1::uuid')} SELECT * FROM released`, [
    holder,
  ]);
  return released.length > 0;
}
