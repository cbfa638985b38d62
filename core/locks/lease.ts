import type { Database, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { lockKeys, type Resource } from './resource.ts';
import { deleteLocks } from './table.ts';

/** A lock that lasts until it is released, or until its holder falls silent. */
export interface Lease {
  holder: string;
  /**
   * Runs the transaction that writes: it begins by proving that the lock is still this holder's, and ends the lock with
   * its commit.
   * @throws {RegistryError} `lock.lost` when somebody else took it over: then nothing is written
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Gives the lock up, if no write has ended it. */
  release(): Promise<void>;
}

/** Keeps a lock that is in the table alive, at a third of its lease; `onError` is told of what did not work. */
export function createLease(
  db: Database,
  resource: Resource,
  holder: string,
  fence: number,
  leaseSeconds: number,
  onError: (error: unknown) => void,
): Lease {
  const { containers, own } = lockKeys(resource);
  let ended = false;
  const renewal = setInterval(
    () => {
      // A renewal that fails is tried again with the next; `write` finds out whether the lock is still there.
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
        // Whoever took over what contains the resource has cleared away the row of that key alone.
        const held = await tx.query('SELECT 1 FROM locks WHERE holder = $1 AND fence = $2 FOR UPDATE', [
          holder,
          fence,
        ]);
        if (held.length !== containers.length + 1) {
          throw new RegistryError(
            'lock.lost',
            `The lock on ${own} ended before the write was done. Try again.`,
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
      // A lock that stays behind ends with its lease; the error that led here is the one to tell.
      if (!ended) await db.transaction((tx) => deleteLocks(tx, holder)).catch(onError);
    },
  };
}
