import type { Actor } from '../access/actor.ts';
import { mayInRegistry } from '../access/decide.ts';
import { readKnownRights } from '../access/known-rights.ts';
import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/**
 * Checks that the actor may create a space, in the transaction that does. A right that was there before the space was
 * deleted is not a right to make it anew.
 * @returns id of the principal who becomes owner; undefined for the registry itself, and where access is open
 * @throws {RegistryError} `access.denied`
 */
export async function checkSpaceCreator(
  tx: Transaction,
  actor: Actor,
  space: string,
): Promise<string | undefined> {
  if (!actor.guarded) return undefined;
  const { subject } = await readKnownRights(tx, await actor.caller(), space);
  if (!mayInRegistry(subject, 'space.create')) {
    throw new RegistryError(
      'access.denied',
      `You may not do this in space ${space}, or it does not exist. Ask an owner of the space, or an admin.`,
      { right: 'space.create' },
    );
  }
  return subject.caller.kind === 'principal' ? subject.caller.principal.id : undefined;
}

/** Makes a principal the first owner of a space. */
export async function insertOwner(tx: Transaction, spaceId: number, owner: string): Promise<void> {
  await tx.query("INSERT INTO space_members (space_id, principal_id, role) VALUES ($1, $2, 'owner')", [
    spaceId,
    owner,
  ]);
}
