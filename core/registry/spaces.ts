import { firstInScopeSql, inScopeSql, isUnbounded, scopeParameters } from '../access/read-scope.ts';
import { recordAudit } from '../audit/record.ts';
import { RegistryError } from '../errors.ts';
import { checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Overwriting, Page, Paging, RegistryDeps } from './registry.ts';
import { ensureSpace } from './space-rows.ts';

/** A space, with the numbers of its charts and versions. */
export interface Space {
  name: string;
  overwriting: Overwriting;
  charts: number;
  versions: number;
}

/** Lists the names of the spaces that the actor may read, in order. */
export async function listSpaces(
  { db, actor }: Pick<RegistryDeps, 'db' | 'actor'>,
  paging: Paging,
): Promise<Page<string>> {
  const scope = await actor.scope();
  const [page] = await (isUnbounded(scope)
    ? db.query<Page<string>>(
        `SELECT (SELECT count(*) FROM spaces) AS total,
                ARRAY(SELECT name FROM spaces ORDER BY name OFFSET $1 LIMIT $2) AS items`,
        [paging.start, paging.limit],
      )
    : db.query<Page<string>>(
        `SELECT (SELECT count(*) FROM spaces s WHERE ${inScopeSql('s', 3)}) AS total,
                ARRAY(SELECT name FROM ${firstInScopeSql(3, { limit: '($1::bigint + $2::bigint)' })} AS first
                       ORDER BY name OFFSET $1 LIMIT $2) AS items`,
        [paging.start, paging.limit, ...scopeParameters(scope)],
      ));
  return page ?? { total: 0, items: [] };
}

/** Reads a space. @throws {RegistryError} `name.invalid`, `space.notFound` */
export async function readSpace(registry: RegistryDeps, space: string): Promise<Space> {
  checkSpaceName(space);
  const [found] = await registry.db.query<Space>(`SELECT ${spaceColumns} FROM spaces WHERE name = $1`, [
    space,
  ]);
  if (!found) throw await explainMissing(registry.db, { space }, registry.suggestible);
  return found;
}

/**
 * Creates a space.
 * @param overwriting policy on overwriting; the registry's default if omitted
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
    await recordAudit(tx, registry.actor, {
      action: 'space.create',
      right: 'space.create',
      space,
      details: { overwriting },
    });
  });
}

/** Creates a space unless it exists. */
export async function createSpaceIfMissing({ db, overwriting }: RegistryDeps, space: string): Promise<void> {
  await db.transaction((tx) => ensureSpace(tx, space, overwriting));
}

/**
 * Sets the policy of a space on overwriting.
 * The change takes no lock, and does not wait for writes under way. The space's row, which every write locks last,
 * decides whether a write or the new policy comes first.
 * @throws {RegistryError} `name.invalid`, `space.notFound`
 */
export async function setOverwriting(
  registry: RegistryDeps,
  space: string,
  overwriting: Overwriting,
): Promise<Space> {
  checkSpaceName(space);
  return registry.db.transaction(async (tx) => {
    await registry.actor.confirm(tx, 'space.configure', { space });
    const [changed] = await tx.query<Space>(
      `UPDATE spaces SET overwriting = $2 WHERE name = $1 RETURNING ${spaceColumns}`,
      [space, overwriting],
    );
    if (!changed) throw await explainMissing(tx, { space }, registry.suggestible);
    await recordAudit(tx, registry.actor, {
      action: 'space.configure',
      right: 'space.configure',
      space,
      details: { overwriting },
    });
    return changed;
  });
}

const spaceColumns = 'name, overwriting, chart_count AS charts, version_count AS versions';

/**
 * Deletes a space with all its charts, immutable or not; the garbage collection deletes the archives.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, `resource.locked` during a write in the space
 */
export async function deleteSpace(registry: RegistryDeps, space: string): Promise<void> {
  checkSpaceName(space);
  await registry.locks.write([space], async (tx) => {
    await registry.actor.confirm(tx, 'space.delete', { space });
    const [deleted] = await tx.query<{ charts: number; versions: number }>(
      'DELETE FROM spaces WHERE name = $1 RETURNING chart_count AS charts, version_count AS versions',
      [space],
    );
    if (!deleted) throw await explainMissing(tx, { space }, registry.suggestible);
    await recordAudit(tx, registry.actor, {
      action: 'space.delete',
      right: 'space.delete',
      space,
      details: { ...deleted },
    });
  });
}
