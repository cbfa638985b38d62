import type { Queryable } from '../db/port.ts';
import { lockKeysOf, type Resource } from './resource.ts';

/** Channel that notifies waiting writers of each release. */
export const lockReleasedChannel = 'lock_released';

/**
 * Acquires the advisory locks of a resource for this transaction. The lock is exclusive on it, and shared on its
 * containers. The order is outermost first, so that no two writers deadlock.
 * @param timeoutMs milliseconds; then PostgreSQL fails with 55P03. Later waits of the transaction for short row
 *   locks have no such timeout
 */
export async function acquireAdvisoryLocks(
  tx: Queryable,
  resource: Resource,
  timeoutMs: number,
): Promise<void> {
  const { containers, key } = lockKeysOf(resource);
  // PostgreSQL evaluates a select list from left to right.
  const steps = [
    "set_config('lock_timeout', $1, true)",
    ...containers.map((_, i) => `pg_advisory_xact_lock_shared(hashtextextended($${i + 3}, 0))`),
    'pg_advisory_xact_lock(hashtextextended($2, 0))',
    "set_config('lock_timeout', '0', true)",
  ];
  await tx.query(`SELECT ${steps.join(', ')}`, [
    `${Math.max(1, Math.ceil(timeoutMs))}ms`,
    key,
    ...containers,
  ]);
}

/**
 * Finds a lock in the table that excludes a writer of this resource. Expired ones are deleted. The holder of an
 * expired lock counts as dead, and would find its fence gone.
 * @returns milliseconds until the lease of the lock ends (Infinity for a job's reservation), or undefined
 *   without a conflict
 */
export async function findConflictingLock(tx: Queryable, resource: Resource): Promise<number | undefined> {
  const { containers, key } = lockKeysOf(resource);
  // Time of the statement: the transaction may have begun long before the lock was released.
  const [blocker] = await tx.query<{ waitMs: number | null }>(
    `WITH gone AS (
       DELETE FROM locks WHERE resource = ANY((SELECT $1::text[] || $2::text)::text[]) AND expires_at <= statement_timestamp()
     ), others AS (
       (SELECT expires_at FROM locks
         WHERE resource = $2 AND expires_at > statement_timestamp()
         ORDER BY expires_at DESC LIMIT 1)
       UNION ALL
       (SELECT expires_at FROM locks
         WHERE resource = ANY((SELECT $1::text[])::text[]) AND exclusive AND expires_at > statement_timestamp()
         ORDER BY expires_at DESC LIMIT 1)
     )
     SELECT CASE WHEN isfinite(expires_at)
                 THEN extract(epoch FROM expires_at - statement_timestamp())::float8 * 1000 END AS "waitMs"
       FROM others ORDER BY expires_at DESC LIMIT 1`,
    [containers, key],
  );
  return blocker && (blocker.waitMs ?? Number.POSITIVE_INFINITY);
}

/**
 * Inserts a lock; `acquireAdvisoryLocks` and `findConflictingLock` precede it in the transaction.
 * @param leaseSeconds seconds until the lock ends unless it is renewed
 * @returns the fence: a number that grows with every lock
 */
export async function insertLock(
  tx: Queryable,
  resource: Resource,
  holder: string,
  leaseSeconds: number,
): Promise<number> {
  const { containers, key } = lockKeysOf(resource);
  const [lock] = await tx.query<{ fence: number }>(
    `WITH taken AS (SELECT nextval('fences') AS fence)
     INSERT INTO locks (resource, holder, exclusive, fence, expires_at)
     SELECT key, $1, key = $3, fence, clock_timestamp() + $4::interval
       FROM taken, unnest($2::text[] || $3::text) AS key
     RETURNING fence`,
    [holder, containers, key, `${leaseSeconds} seconds`],
  );
  if (lock === undefined) throw new Error('a lock was not written');
  return lock.fence;
}

/**
 * Makes the SQL that releases all locks of some holders and notifies waiting writers. The result is common
 * table expressions; `released`, which must be selected, has a row if a lock was deleted.
 * @param holders a query of their ids
 */
export const releaseLocksSql = (holders: string) =>
  `gone AS (DELETE FROM locks WHERE holder IN (${holders}) RETURNING resource),
   released AS (SELECT pg_notify('${lockReleasedChannel}', min(resource)) FROM gone HAVING count(*) > 0)`;

/** Releases all locks of a holder and notifies waiting writers. @returns whether there was one */
export async function deleteLocks(tx: Queryable, holder: string): Promise<boolean> {
  const released = await tx.query(`WITH ${releaseLocksSql('SELECT $1::uuid')} SELECT * FROM released`, [
    holder,
  ]);
  return released.length > 0;
}
