import { RegistryError } from '../errors.ts';
import { checkSpaceName } from './names.ts';
import { spaceNotFound } from './not-found.ts';
import type { Page, Paging, Registry } from './registry.ts';

/** The names of all spaces, in order. */
export async function listSpaces(registry: Registry, paging: Paging): Promise<Page<string>> {
  const [page] = await registry.db.query<Page<string>>(
    `SELECT (SELECT count(*) FROM spaces) AS total,
            ARRAY(SELECT name FROM spaces ORDER BY name OFFSET $1 LIMIT $2) AS items`,
    [paging.start, paging.limit],
  );
  return page ?? { total: 0, items: [] };
}

/** @throws {RegistryError} `name.invalid`, `space.exists`, `resource.locked` */
export async function createSpace(registry: Registry, space: string): Promise<void> {
  checkSpaceName(space);
  await registry.locks.write([space], async (tx) => {
    const created = await tx.query(
      'INSERT INTO spaces (name) VALUES ($1) ON CONFLICT (name) DO NOTHING RETURNING id',
      [space],
    );
    if (created.length === 0) throw new RegistryError('space.exists', `Space ${space} exists already.`);
  });
}

/**
 * Deletes a space and all in it; its archives go with a garbage collection.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `resource.locked` while anybody writes in it
 */
export async function deleteSpace(registry: Registry, space: string): Promise<void> {
  checkSpaceName(space);
  await registry.locks.write([space], async (tx) => {
    const deleted = await tx.query('DELETE FROM spaces WHERE name = $1 RETURNING id', [space]);
    if (deleted.length === 0) throw spaceNotFound(space);
  });
}
