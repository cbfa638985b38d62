import type { Actor } from '../access/actor.ts';
import type { SpaceRight } from '../access/rights.ts';
import type { Database } from '../db/port.ts';
import { checkSpaceName } from '../registry/names.ts';
import { explainMissing } from '../registry/not-found.ts';
import { findSpaceId } from '../registry/space-rows.ts';
import type { DecidedSpace } from './load-charts.ts';

/** Dependencies of the use cases on retention. */
export interface RetentionDeps {
  db: Database;
  actor: Actor;
  /** Seconds between two runs of the schedule; 0 opens none. */
  intervalSeconds: number;
}

/**
 * Finds a space in which the actor has a right.
 * @throws {RegistryError} `name.invalid`, those of a missing right, `space.notFound`
 */
export async function requireSpace(
  { db, actor }: Pick<RetentionDeps, 'db' | 'actor'>,
  space: string,
  right: SpaceRight,
): Promise<DecidedSpace> {
  checkSpaceName(space);
  const id = await findSpaceId(db, space);
  await actor.require(right, { space, spaceId: id });
  if (id === undefined) throw await explainMissing(db, { space }, await actor.scope());
  return { id, name: space };
}
