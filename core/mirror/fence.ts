import type { Transaction } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import type { Locks } from '../locks/locks.ts';

/**
 * Makes locks whose transactions write for a mirror. Triggers refuse every other write into its space, whichever
 * interface it comes by.
 */
export function lockForMirror(locks: Locks, mirrorId: string): Locks {
  const enter = (tx: Transaction) =>
    tx.query("SELECT set_config('helm_registry.mirror', $1, true)", [mirrorId]);
  const withLock: Locks['withLock'] = (resource, read, work) =>
    locks.withLock(resource, read, async (tx, result) => {
      await enter(tx);
      return work(tx, result);
    });
  return { ...locks, withLock, write: (resource, work) => withLock(resource, async () => undefined, work) };
}

/**
 * Explains the refusal of a write into the space of a mirror.
 * @returns the error for clients; undefined for everything else
 */
export function explainFence(error: unknown): RegistryError | undefined {
  if (!(error instanceof Error) || sqlStateOf(error) !== sqlState.writeIntoMirror) return undefined;
  return new RegistryError(
    'space.mirrored',
    `Space ${error.message} is a mirror, so nothing else is written into it. Use another space, or end the mirror.`,
  );
}
