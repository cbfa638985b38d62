import { RegistryError } from '../errors.ts';
import type { RegistryDeps } from './registry.ts';

/**
 * Creates a space in the name of the actor, who becomes its owner, unless the space exists.
 * Of two simultaneous calls one creates the space, and the other finds it.
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces; `access.unauthenticated`, `access.denied`
 */
export async function createSpaceAs(
  { db, actor, autoCreateSpaces, overwriting }: RegistryDeps,
  space: string,
): Promise<void> {
  if (!autoCreateSpaces)
    throw new RegistryError(
      'space.notFound',
      `There is no space ${space}, and uploads create none here. Create it first.`,
    );
  await actor.requireInRegistry('space.create');
  const caller = await actor.caller();
  await db.query(
    `WITH created AS (
       INSERT INTO spaces (name, overwriting) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id
     )
     INSERT INTO space_members (space_id, principal_id, role)
     SELECT id, $3, 'owner' FROM created WHERE $3::uuid IS NOT NULL`,
    [space, overwriting, caller.kind === 'principal' ? caller.principal.id : null],
  );
}
