import type { Transaction } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import type { Locks } from '../locks/locks.ts';
import { lockAgainstHold, notHeldSql } from '../maintenance/hold.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { RunEndedError } from './record-outcomes.ts';

/**
 * Makes locks whose transactions write for a mirror. Locks work as long as the run is open and this process's.
 * Triggers refuse every other write into its space, whichever interface it comes by. The locks throw `RunEndedError`
 * once the run is over: what it does from then on is not written.
 */
export function createMirrorLocks(locks: Locks, { id, holder, mirrorId }: ClaimedMirrorRun): Locks {
  const enter = async (tx: Transaction) => {
    await lockAgainstHold(tx);
    const [entered] = await tx.query(
      `SELECT FROM mirror_runs WHERE id = $1 AND holder = $2 AND state = 'running' AND ${notHeldSql} FOR SHARE`,
      [id, holder],
    );
    if (!entered) throw new RunEndedError();
  };
  // Names the mirror before the statements that are sent with the lock: that of a manifest writes, and triggers ask for it.
  const readAsMirror = async <S>(tx: Transaction, read: (tx: Transaction) => Promise<S>): Promise<S> => {
    const named = tx.query("SELECT set_config('helm_registry.mirror', $1, true)", [mirrorId]);
    const [result] = await Promise.all([read(tx), named]);
    return result;
  };
  const withLock: Locks['withLock'] = (resource, read, work) =>
    locks.withLock(
      resource,
      (tx) => readAsMirror(tx, read),
      async (tx, result) => {
        await enter(tx);
        return work(tx, result);
      },
    );
  return { ...locks, withLock, write: (resource, work) => withLock(resource, async () => undefined, work) };
}

/**
 * Explains the refusal of a write into the space of a mirror.
 * @returns the error for clients; undefined for everything else
 */
export function explainMirroredWrite(error: unknown): RegistryError | undefined {
  if (!(error instanceof Error) || sqlStateOf(error) !== sqlState.writeIntoMirror) return undefined;
  return new RegistryError(
    'space.mirrored',
    `Space ${error.message} is a mirror, so nothing else is written into it. Use another space, or end the mirror.`,
  );
}
