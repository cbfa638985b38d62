import type { Transaction } from '../../db/port.ts';
import type { RegistryRight, SpaceRight } from '../rights.ts';
import { type AdminDeps, assertAccessGuarded } from './admin.ts';
import { findSpaceWithRight } from './find-space-with-right.ts';

/** Place of service accounts that the actor may manage. */
export interface ManagedPlace {
  /** Null for the registry. */
  spaceId: number | null;
  /** Name of the space; absent for the registry. */
  space?: string;
  right: SpaceRight | RegistryRight;
}

/**
 * Checks that the actor may manage service accounts of a space or the registry. Who may manage those of a space owns
 * it, so no role that an account gets there is above the own one.
 * @throws {RegistryError} as `findSpaceWithRight`, or those of a missing right in the registry
 */
export async function requireAccountManager(
  deps: AdminDeps,
  space: string | undefined,
): Promise<ManagedPlace> {
  if (space !== undefined) {
    const spaceId = await findSpaceWithRight(deps, 'account.manage', space);
    return { spaceId, space, right: 'account.manage' };
  }
  await assertAccessGuarded(deps.actor);
  await deps.actor.requireInRegistry('principal.manage');
  return { spaceId: null, right: 'principal.manage' };
}

/**
 * Checks once more that the actor may manage service accounts, in the transaction that writes. Call it after the
 * locks and before the write: the right may have gone while the transaction waited.
 * @param place place of the accounts; one without a space is the registry
 * @throws {RegistryError} those of a missing right
 */
export async function confirmAccountManager(
  tx: Transaction,
  { actor }: Pick<AdminDeps, 'actor'>,
  { space, spaceId }: { space?: string | null | undefined; spaceId?: number | null },
): Promise<void> {
  if (typeof space === 'string')
    await actor.confirm(tx, 'account.manage', { space, spaceId: spaceId ?? undefined });
  else await actor.confirmInRegistry(tx, 'principal.manage');
}
