import type { Transaction } from '../db/port.ts';
import { sqlState, sqlStateOf } from '../db/sql-state.ts';
import { RegistryError } from '../errors.ts';
import type { Locks } from '../locks/locks.ts';
import { lockBatch, notHeldSql } from '../maintenance/hold.ts';
import type { ClaimedMirrorRun } from './claim-run.ts';
import { RunEnded } from './record-outcomes.ts';

/**
 * Makes locks whose transactions write for a mirror. Locks work as long as the run is open and this process's.
 * Triggers refuse every other write into its space, whichever interface it comes by. The locks throw `RunEnded` once
 * the run is over: what it does from then on is not written.
 */
export function lockForMirror(locks: Locks, { id, holder, mirrorId }: ClaimedMirrorRun): Locks {
  const enter = async (tx: Transaction) => {
    await lockBatch(tx);
    const [entered] = await tx.query(
      `SELECT set_config('helm_registry.mirror', $1, true) FROM (
         SELECT FROM mirror_runs WHERE id = $2 AND holder = $3 AND state = 'running' AND ${notHeldSql} FOR SHARE) AS open`,
      [mirrorId, id, holder],
    );
    if (!entered) throw new RunEnded();
  };
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
