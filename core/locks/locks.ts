import { randomUUID } from 'node:crypto';
import type { Database, Listener, Transaction } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import { createGate } from '../runtime/concurrency.ts';
import { createLease, type Lease } from './lease.ts';
import { lockKeys, type Resource } from './resource.ts';
import { excludeOthers, findBlocker, insertLock, releaseChannel } from './table.ts';

/**
 * The right to write. Exclusive on the resource, shared on what contains it: deleting a space keeps out the writers
 * inside it, writers of two versions do not keep out one another. Readers never come here.
 */
export interface Locks {
  /**
   * Runs one transaction that holds the lock until it commits or rolls back.
   * @throws {RegistryError} `resource.locked` when another writer still has it after the lock timeout
   */
  write<T>(resource: Resource, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * The same for a work that begins with a look at what is there.
   * @param look statements that are all sent at once: they travel with those that take the lock
   */
  lookAndWrite<S, T>(
    resource: Resource,
    look: (tx: Transaction) => Promise<S>,
    work: (tx: Transaction, seen: S) => Promise<T>,
  ): Promise<T>;
  /**
   * Takes a lock that lasts beyond a transaction, for a write that moves bytes in between. It is renewed until it is
   * released; if this process dies it ends with its lease.
   */
  lease(resource: Resource): Promise<Lease>;
  close(): void;
}

/** Seconds; a holder that is silent for so long is presumed dead. */
const leaseSeconds = 15;

export interface LockOptions {
  /** Milliseconds a writer waits before it is answered `resource.locked`. */
  timeout: number;
  /** Writers that may hold a connection at a time: fewer than there are, since some wait while they hold it. */
  width: number;
  /** Told of a renewal or a release that did not work; the lock then ends with its lease. */
  onError: (error: unknown) => void;
}

export async function createLocks(db: Database, listener: Listener, options: LockOptions): Promise<Locks> {
  const { timeout } = options;
  const gate = createGate(options.width);
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  const unsubscribe = await listener.subscribe(releaseChannel, wakeAll);

  async function lookAndWrite<S, T>(
    resource: Resource,
    look: (tx: Transaction) => Promise<S>,
    work: (tx: Transaction, seen: S) => Promise<T>,
  ): Promise<T> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const released = waitForRelease(waiting);
      try {
        return await gate.pass(() =>
          db.transaction(async (tx) => {
            const taking = Promise.all([
              excludeOthers(tx, resource, deadline - performance.now()),
              findBlocker(tx, resource),
            ]);
            const looking = look(tx);
            // What is wrong with what is seen counts only once nobody else has the lock.
            looking.catch(() => undefined);
            const [, wait] = await taking;
            if (wait !== undefined) throw new Blocked(wait);
            return work(tx, await looking);
          }),
        );
      } catch (error) {
        if (sqlStateOf(error) === sqlState.lockNotAvailable) throw locked(resource, timeout);
        if (!(error instanceof Blocked)) throw error;
        const left = deadline - performance.now();
        if (left <= 0) throw locked(resource, timeout);
        await released.within(Math.min(left, error.wait));
      } finally {
        released.forget();
      }
    }
  }

  const write = <T>(resource: Resource, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    lookAndWrite(resource, async () => undefined, work);

  return {
    write,
    lookAndWrite,
    async lease(resource) {
      const holder = randomUUID();
      const fence = await write(resource, (tx) => insertLock(tx, resource, holder, leaseSeconds));
      return createLease(db, resource, holder, fence, leaseSeconds, options.onError);
    },
    close() {
      unsubscribe();
      wakeAll();
    },
  };
}

/** Thrown inside a transaction to leave it; `wait` is in milliseconds. */
class Blocked extends Error {
  readonly wait: number;

  constructor(wait: number) {
    super('blocked');
    this.wait = wait;
  }
}

// Listening starts before the table is looked at, so that no release falls into the gap between.
function waitForRelease(waiting: Set<() => void>) {
  let wake = () => {};
  const signal = new Promise<void>((resolve) => {
    wake = resolve;
  });
  waiting.add(wake);
  return {
    async within(milliseconds: number) {
      const timer = setTimeout(wake, Math.min(milliseconds, 2 ** 31 - 1));
      await signal;
      clearTimeout(timer);
    },
    forget: () => waiting.delete(wake),
  };
}

function locked(resource: Resource, timeout: number): RegistryError {
  const { own } = lockKeys(resource);
  return new RegistryError(
    'resource.locked',
    `${own} is being written by somebody else; it was waited for ${timeout} ms. Try again in a moment.`,
    { resource: own },
  );
}
