import type { Database, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { lockKeysOf, type Resource } from './resource.ts';
import { deleteLocks } from './table.ts';

/** Lock that lasts until it is released, or until its process stops renewing it. */
export interface Lease {
  holder: string;
  /**
   * Runs the writing transaction: checks first that the holder still has the lock, and releases it with the
   * commit.
   * @throws {RegistryError} `lock.lost` when another writer has taken the lock; nothing is written then
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Releases the lock, unless a write has. */
  release(): Promise<void>;
}

/** Renews a lock in the table at each third of its lease. `onError` is called with failures. */
export function createLease(
  db: Database,
  resource: Resource,
  holder: string,
  fence: number,
  leaseSeconds: number,
  onError: (error: unknown) => void,
): Lease {
  const { containers, key } = lockKeysOf(resource);
  let ended = false;
  const renewal = setInterval(
    () => {
      // The next renewal follows a failed one; `write` checks that the lock still exists.
      db.query(
        'UPDATE locks SET expires_at = clock_timestamp() + $3::interval WHERE holder = $1 AND fence = $2',
        [holder, fence, `${leaseSeconds} seconds`],
      ).catch(onError);
    },
    (leaseSeconds * 1000) / 3,
  );
  renewal.unref();

  return {
    holder,
    async write(work) {
      const result = await db.transaction(async (tx) => {
        // A writer that took over a container has deleted the row of that key alone, so count the rows.
        const lockRows = await tx.query('SELECT 1 FROM locks WHERE holder = $1 AND fence = $2 FOR UPDATE', [
          holder,
          fence,
        ]);
        if (lockRows.length !== containers.length + 1) {
          throw new RegistryError(
            'lock.lost',
            `The lock on ${key} ended before the write was done. Try again.`,
          );
        }
        const written = await work(tx);
        await deleteLocks(tx, holder);
        return written;
      });
      ended = true;
      return result;
    },
    async release() {
      clearInterval(renewal);
      // A lock that is not released ends with its lease, so that the caller's error is thrown.
      if (!ended) await db.transaction((tx) => deleteLocks(tx, holder)).catch(onError);
    },
  };
}
