import type { Queryable } from '../db/port.ts';

/** Number of expired rows that are deleted with each new attempt. */
const expiredBatchSize = 100;
/** Attempts of one network; a new one ends the oldest beyond them. */
const maxAttemptsOfNetwork = 1_000;

/** Tables of attempts to log in, each with the column that is its key. */
const keyColumnByTable = { provider_attempts: 'state_hash', device_logins: 'device_hash' } as const;

/**
 * Deletes expired attempts, and the oldest of a network that has begun too many. So it fills no table, and ends nobody
 * else's.
 * @param network bucket of the network, as its rows have it
 */
export async function deleteOldAttempts(
  db: Queryable,
  table: keyof typeof keyColumnByTable,
  network: number,
): Promise<void> {
  const key = keyColumnByTable[table];
  await db.query(
    `DELETE FROM ${table} WHERE ${key} IN (
       SELECT ${key} FROM ${table} WHERE expires_at < now()
        ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [expiredBatchSize],
  );
  await db.query(
    `DELETE FROM ${table} WHERE ${key} IN (
       SELECT ${key} FROM ${table} WHERE network = $1
        ORDER BY expires_at DESC OFFSET $2 FOR UPDATE SKIP LOCKED)`,
    [network, maxAttemptsOfNetwork],
  );
}
