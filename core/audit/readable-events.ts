import type { Actor } from '../access/actor.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import type { AuditFilter } from './conditions.ts';

/**
 * Bounds a filter by what the actor may read. With `audit.readAll` that is all events, for owners those of their space.
 * An owner sees nothing of an earlier space of the same name, which may have been somebody else's.
 * @throws {RegistryError} `access.unauthenticated`, `access.denied`, `space.notFound`
 */
export async function boundToReadable(
  db: Queryable,
  actor: Actor,
  filter: AuditFilter,
): Promise<AuditFilter> {
  const { space } = filter;
  if (space === undefined) {
    await actor.requireInRegistry('audit.readAll');
    return filter;
  }
  if (await actor.mayInRegistry('audit.readAll')) return filter;
  const spaceId = await findSpaceId(db, space);
  // Somebody else may have deleted and made the space again between these statements.
  await actor.require('audit.read', { space, spaceId });
  if (spaceId === undefined) throw new RegistryError('space.notFound', `There is no space ${space}.`);
  return { ...filter, spaceId };
}
