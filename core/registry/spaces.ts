import { RegistryError } from '../errors.ts';
import { checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Overwriting, Page, Paging, RegistryDeps } from './registry.ts';
import { ensureSpace } from './space-rows.ts';

/** A space, and how much is in it. */
export interface Space {
  name: string;
  overwriting: Overwriting;
  charts: number;
  versions: number;
}

/** The names of all spaces, in order. */
export async function listSpaces(registry: RegistryDeps, paging: Paging): Promise<Page<string>> {
  const [page] = await registry.db.query<Page<string>>(
    `SELECT (SELECT count(*) FROM spaces) AS total,
            ARRAY(SELECT name FROM spaces ORDER BY name OFFSET $1 LIMIT $2) AS items`,
    [paging.start, paging.limit],
  );
  return page ?? { total: 0, items: [] };
}

/** @throws {RegistryError} `name.invalid`, `space.notFound` */
export async function readSpace(registry: RegistryDeps, space: string): Promise<Space> {
  checkSpaceName(space);
  const [found] = await registry.db.query<Space>(`SELECT ${spaceColumns} FROM spaces WHERE name = $1`, [
    space,
  ]);
  if (!found) throw await explainMissing(registry.db, { space });
  return found;
}

/**
 * @param overwriting the registry's default unless given
 * @throws {RegistryError} `name.invalid`, `space.exists`, `resource.locked`
 */
export async function createSpace(
  registry: RegistryDeps,
  space: string,
  overwriting: Overwriting = registry.overwriting,
): Promise<void> {
  checkSpaceName(space);
  await registry.locks.write([space], async (tx) => {
    const created = await tx.query(
      'INSERT INTO spaces (name, overwriting) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id',
      [space, overwriting],
    );
    if (created.length === 0) throw new RegistryError('space.exists', `Space ${space} exists already.`);
  });
}

/** Makes a space if it is not there. */
export async function createSpaceIfMissing({ db, overwriting }: RegistryDeps, space: string): Promise<void> {
  await db.transaction((tx) => ensureSpace(tx, space, overwriting));
}

/**
 * Says whether versions of a space may be overwritten from now on. The space's row, which every writer comes to last,
 * decides who was first; nobody has to wait for writes that are under way.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function setOverwriting(
  registry: RegistryDeps,
  space: string,
  overwriting: Overwriting,
): Promise<Space> {
  checkSpaceName(space);
  const [changed] = await registry.db.query<Space>(
    `UPDATE spaces SET overwriting = $2 WHERE name = $1 RETURNING ${spaceColumns}`,
    [space, overwriting],
  );
  if (!changed) throw await explainMissing(registry.db, { space });
  return changed;
}

const spaceColumns = 'name, overwriting, chart_count AS charts, version_count AS versions';

/**
 * Deletes a space and all in it, immutable or not; its archives go with a garbage collection.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `resource.locked` while anybody writes in it
 */
export async function deleteSpace(registry: RegistryDeps, space: string): Promise<void> {
  checkSpaceName(space);
  await registry.locks.write([space], async (tx) => {
    const deleted = await tx.query('DELETE FROM spaces WHERE name = $1 RETURNING id', [space]);
    if (deleted.length === 0) throw await explainMissing(tx, { space });
  });
}
