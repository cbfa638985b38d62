import type { Queryable } from '../db/port.ts';
import { versionNamed } from '../registry/named.ts';
import { spaceNotFound } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionExistsError } from '../registry/version-rows.ts';

/**
 * Checks that a recipe's result has a place to go to.
 * @returns the id of its space
 * @throws {RegistryError} `space.notFound`, `version.exists`
 */
export async function checkTarget(db: Queryable, target: VersionRef): Promise<number> {
  const { space, chart, version } = target;
  const [found] = await db.query<{ id: number; taken: boolean }>(
    `SELECT id, ${versionNamed('$1', '$2', '$3')} IS NOT NULL AS taken FROM spaces WHERE name = $1`,
    [space, chart, version],
  );
  if (!found) throw spaceNotFound(space, `; create it with POST /api/v1/spaces?space=${space}`);
  if (found.taken) throw versionExistsError(target);
  return found.id;
}
