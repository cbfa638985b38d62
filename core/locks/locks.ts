import { randomUUID } from 'node:crypto';
import type { Database, Listener, Transaction } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import { createConcurrencyLimiter } from '../runtime/concurrency.ts';
import { acquireFreeLocks, type VersionResource } from './free-locks.ts';
import { createLease, type Lease } from './lease.ts';
import { lockKeysOf, type Resource } from './resource.ts';
import { acquireAdvisoryLocks, findConflictingLock, insertLock, lockReleasedChannel } from './table.ts';

/**
 * Locks of writers: exclusive on the resource, shared on its containers. Deleting a space excludes writers
 * inside it, and writers of two versions do not exclude each other. Readers need no lock.
 */
export interface Locks {
  /**
   * Runs one transaction with the lock, until it commits or rolls back.
   * @throws {RegistryError} `resource.locked` when another writer still has it after the lock timeout
   */
  write<T>(resource: Resource, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Runs one transaction with the lock, which begins with reads.
   * @param read statements that are sent together with those that acquire the lock
   */
  withLock<S, T>(
    resource: Resource,
    read: (tx: Transaction) => Promise<S>,
    work: (tx: Transaction, result: S) => Promise<T>,
  ): Promise<T>;
  /**
   * Runs one transaction with the locks of those versions that are free; see `acquireFreeLocks`.
   * A version that is not free is left to `withLock`, which waits for it and knows the right error.
   * @param read statements that are sent together with those that acquire the locks
   * @param work gets whether each lock was acquired, in the order of the versions
   * @throws 55P03 of PostgreSQL when a row or a blob stays locked by another writer
   */
  withFreeLocks<S, T>(
    versions: readonly VersionResource[],
    read: (tx: Transaction) => Promise<S>,
    work: (tx: Transaction, isFree: readonly boolean[], result: S) => Promise<T>,
  ): Promise<T>;
  /**
   * Acquires a lock that outlasts a transaction, for a write that stores blobs in between. The lease is renewed
   * until it is released; if this process dies, the lock ends with the lease.
   */
  lease(resource: Resource): Promise<Lease>;
  close(): void;
}

/** Seconds without a renewal after which a holder counts as dead. */
const leaseSeconds = 15;

/** Options of locks. */
export interface LockOptions {
  /** Milliseconds that a writer waits before it gets `resource.locked`. */
  timeoutMs: number;
  /** Writers that may use a connection at a time: fewer than connections, since some wait on theirs. */
  maxConcurrent: number;
  /** Called when a renewal or a release fails; the lock then ends with its lease. */
  onError: (error: unknown) => void;
}

/** Creates the locks; `listener` wakes waiting writers when another process releases one. */
export async function createLocks(db: Database, listener: Listener, options: LockOptions): Promise<Locks> {
  const { timeoutMs } = options;
  const limiter = createConcurrencyLimiter(options.maxConcurrent);
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  const unsubscribe = await listener.subscribe(lockReleasedChannel, wakeAll);

  async function withLock<S, T>(
    resource: Resource,
    read: (tx: Transaction) => Promise<S>,
    work: (tx: Transaction, result: S) => Promise<T>,
  ): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const releaseSignal = waitForRelease(waiting);
      try {
        return await limiter.run(() =>
          db.transaction(async (tx) => {
            const acquiring = Promise.all([
              acquireAdvisoryLocks(tx, resource, deadline - performance.now()),
              findConflictingLock(tx, resource),
            ]);
            const reading = read(tx);
            // Errors of the reads count only once no other writer has the lock.
            reading.catch(() => undefined);
            const [, waitMs] = await acquiring;
            if (waitMs !== undefined) throw new BlockedError(waitMs);
            return work(tx, await reading);
          }),
        );
      } catch (error) {
        if (sqlStateOf(error) === sqlState.lockNotAvailable) throw lockedError(resource, timeoutMs);
        if (!(error instanceof BlockedError)) throw error;
        const remainingMs = deadline - performance.now();
        if (remainingMs <= 0) throw lockedError(resource, timeoutMs);
        await releaseSignal.within(Math.min(remainingMs, error.waitMs));
      } finally {
        releaseSignal.forget();
      }
    }
  }

  const write = <T>(resource: Resource, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    withLock(resource, async () => undefined, work);

  return {
    write,
    withLock,
    withFreeLocks: (versions, read, work) =>
      limiter.run(() =>
        db.transaction(async (tx) => {
          const [isFree, result] = await Promise.all([acquireFreeLocks(tx, versions), read(tx)]);
          return work(tx, isFree, result);
        }),
      ),
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

/** Leaves a transaction whose lock is taken; `waitMs` is the time until it may be free. */
class BlockedError extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super('blocked');
    this.waitMs = waitMs;
  }
}

// Listening starts before the table is read, so that no release is missed in between.
function waitForRelease(waiting: Set<() => void>) {
  let wake = () => {};
  const signal = new Promise<void>((resolve) => {
    wake = resolve;
  });
  waiting.add(wake);
  return {
    async within(ms: number) {
      const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
      await signal;
      clearTimeout(timer);
    },
    forget: () => waiting.delete(wake),
  };
}

function lockedError(resource: Resource, timeoutMs: number): RegistryError {
  const { key } = lockKeysOf(resource);
  return new RegistryError(
    'resource.locked',
    `${key} is being written by another request; waited ${timeoutMs} ms for it. Try again in a moment.`,
    { resource: key },
  );
}
