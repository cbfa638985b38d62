import type { Database, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { lockKeys, type Resource } from './resource.ts';
import { deleteLocks } from './table.ts';

/** A lock that lasts until it is released, or until its holder falls silent. */
export interface Lease {
  holder: string;
  /**
   * Proves, in the transaction that writes, that the lock is still this holder's, and releases it with that commit.
   * @throws {RegistryError} `lock.lost` when somebody else took it over: then nothing may be written
   */
  settle(tx: Transaction): Promise<void>;
  /** Gives the lock up without having written. Does nothing after `settle` has committed. */
  release(): Promise<void>;
}

/** Keeps a lock that is in the table alive, at a third of its lease. */
export function createLease(
  db: Database,
  resource: Resource,
  holder: string,
  fence: number,
  leaseSeconds: number,
): Lease {
  const renewal = setInterval(
    () => {
      // A renewal that fails is no news: `settle` finds out whether the lock is still there.
      db.query(
        `UPDATE locks SET expires_at = clock_timestamp() + $3::interval WHERE holder = $1 AND fence = $2`,
        [holder, fence, `${leaseSeconds} seconds`],
      ).catch(() => clearInterval(renewal));
    },
    (leaseSeconds * 1000) / 3,
  );
  renewal.unref();

  return {
    holder,
    async settle(tx) {
      const { own } = lockKeys(resource);
      const held = await tx.query(
        'SELECT 1 FROM locks WHERE resource = $1 AND holder = $2 AND fence = $3 FOR UPDATE',
        [own, holder, fence],
      );
      if (held.length === 0) {
        throw new RegistryError(
          'lock.lost',
          `The lock on ${own} ended before the write was done. Try again.`,
        );
      }
      await deleteLocks(tx, holder);
    },
    async release() {
      clearInterval(renewal);
      await db.transaction((tx) => deleteLocks(tx, holder));
    },
  };
}
