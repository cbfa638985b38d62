import type { Actor } from '../access/actor.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';

/**
 * Binds a follow's actor to the spaces of its sources. Those are the spaces at the time when it was set. Recipes find
 * the spaces of their sources by such an actor, so nothing is composed from another space of the same name.
 * @returns an actor that refuses a space whose name has another id now
 * @throws {RegistryError} `access.denied` where that is so already
 */
export async function refuseReplacedSpaces(db: Queryable, actor: Actor, followId: string): Promise<Actor> {
  if (!actor.guarded) return actor;
  const rows = await db.query<{ space: string; id: number | null }>(
    'SELECT DISTINCT space, space_id AS id FROM follow_sources WHERE follow_id = $1',
    [followId],
  );
  const ids = new Map(rows.map(({ space, id }) => [space, id]));
  const findSpace: Actor['findSpace'] = async (space) => {
    const found = await actor.findSpace(space);
    if (found && ids.has(space) && ids.get(space) !== found.id) throw spaceReplacedError(space);
    return found;
  };
  await Promise.all([...ids.keys()].map(findSpace));
  return { ...actor, findSpace };
}

function spaceReplacedError(space: string): RegistryError {
  return new RegistryError(
    'access.denied',
    `Space ${space}, which a source is from, was deleted and made again since this follow was set. Set it again to follow the space that there is now.`,
  );
}
