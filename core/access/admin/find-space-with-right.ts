import { checkSpaceName } from '../../registry/names.ts';
import { explainMissing } from '../../registry/not-found.ts';
import { findSpaceId } from '../../registry/space-rows.ts';
import type { SpaceRight } from '../rights.ts';
import { type AdminDeps, assertAccessGuarded } from './admin.ts';

/**
 * Finds a space in which the actor has a right. The right must be in the space of the id. If somebody else deletes and
 * makes the space again meanwhile, writes by this id fail and do not reach the new space.
 * @returns id of the space
 * @throws {RegistryError} `access.open`, `name.invalid`, those of a missing right, `space.notFound`
 */
export async function findSpaceWithRight(
  { db, actor }: AdminDeps,
  right: SpaceRight,
  space: string,
): Promise<number> {
  await assertAccessGuarded(actor);
  checkSpaceName(space);
  const id = await findSpaceId(db, space);
  await actor.require(right, { space, spaceId: id });
  if (id === undefined) throw await explainMissing(db, { space }, await actor.scope());
  return id;
}
