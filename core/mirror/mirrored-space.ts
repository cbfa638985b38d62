import type { SpaceRight } from '../access/rights.ts';
import type { Queryable, Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findSpaceId } from '../registry/space-rows.ts';

/** Right that setting, running and ending a mirror needs. */
export const mirrorRight = 'space.configure' satisfies SpaceRight;

/**
 * Locks a space whose mirror the actor may set. Locked out are the space's deletion and other changes of its mirror.
 * @returns the id of the space
 * @throws {RegistryError} `name.invalid`, `space.notFound`, those of a missing right
 */
export async function lockMirroredSpace(
  tx: Transaction,
  { actor, suggestible }: Pick<RegistryDeps, 'actor' | 'suggestible'>,
  space: string,
): Promise<number> {
  checkSpaceName(space);
  const id = await findSpaceId(tx, space);
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('the mirror of space ' || $1::bigint, 0))", [
    id ?? null,
  ]);
  const found = await tx.query('SELECT FROM spaces WHERE id = $1 FOR KEY SHARE', [id ?? null]);
  await actor.confirm(tx, mirrorRight, { space });
  if (id === undefined || found.length === 0) throw await explainMissing(tx, { space }, suggestible);
  return id;
}

/** Makes the error for a space that is not a mirror, or does not exist. */
export async function explainMissingMirror(
  db: Queryable,
  { suggestible }: Pick<RegistryDeps, 'suggestible'>,
  space: string,
): Promise<RegistryError> {
  if ((await findSpaceId(db, space)) === undefined) return explainMissing(db, { space }, suggestible);
  return new RegistryError('mirror.notFound', `Space ${space} is not a mirror.`);
}
