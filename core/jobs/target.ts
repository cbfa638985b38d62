import type { Queryable } from '../db/port.ts';
import { spaceNotFound } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { versionExistsError } from '../registry/rows.ts';

/**
 * Checks that a recipe's result has a place to go to.
 * @throws {RegistryError} `space.notFound`, `version.exists`
 */
export async function checkTarget(db: Queryable, target: VersionRef): Promise<void> {
  const { space, chart, version } = target;
  const [found] = await db.query<{ taken: boolean }>(
    `SELECT EXISTS (SELECT FROM versions v JOIN charts c ON c.id = v.chart_id
                     WHERE c.space_id = s.id AND c.name = $2 AND v.version = $3) AS taken
       FROM spaces s WHERE s.name = $1`,
    [space, chart, version],
  );
  if (!found) throw spaceNotFound(space, `; create it with POST /api/v1/spaces?space=${space}`);
  if (found.taken) throw versionExistsError(target);
}
