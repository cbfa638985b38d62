import type { Actor } from '../access/actor.ts';
import { assertAccessGuarded } from '../access/admin/admin.ts';
import { toLikePattern } from '../access/chart-globs.ts';
import {
  firstSpacesInScopeSql,
  inArrayScopeSql,
  isUnboundedScope,
  toScopeArrays,
} from '../access/read-scope.ts';
import type { Visibility } from '../access/rights.ts';
import { recordAudit } from '../audit/record.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { isSpaceMember, type QuotaSettings, quotaColumnSql, type SpaceQuota } from '../quotas/usage.ts';
import { checkSpaceName } from './names.ts';
import { explainMissing } from './not-found.ts';
import type { Overwriting, Page, Paging, RegistryDeps } from './registry.ts';
import { checkSpaceCreator, insertOwner } from './space-creator.ts';
import { ensureSpace, findSpaceId, isMirrorSql } from './space-rows.ts';

/** A space, with the numbers of its charts and versions. */
export interface Space {
  name: string;
  overwriting: Overwriting;
  /** Readers of the space; absent where access is open, for everybody reads everything there. */
  visibility?: Visibility;
  charts: number;
  versions: number;
  /** True for a mirror, whose charts come from elsewhere; absent for other spaces. */
  mirror?: true;
  /** Use of its quotas; absent for readers who are not members. */
  quota?: SpaceQuota;
}

/** Settings of a space. What is absent is the default of a new one, and stays of another. */
export interface SpaceSettings {
  overwriting?: Overwriting | undefined;
  visibility?: Visibility | undefined;
}

/** Changes of a space; quotas are for admins of the registry. */
export interface SpaceChanges extends SpaceSettings {
  quota?: QuotaSettings | undefined;
}

/** Lists the names of the spaces that the actor may read, in order. */
export async function listSpaces(
  { db, actor }: Pick<RegistryDeps, 'db' | 'actor'>,
  paging: Paging,
): Promise<Page<string>> {
  const scope = await actor.scope();
  const [page] = await (isUnboundedScope(scope)
    ? db.query<Page<string>>(
        `SELECT (SELECT count(*) FROM spaces) AS total,
                ARRAY(SELECT name FROM spaces ORDER BY name OFFSET $1 LIMIT $2) AS items`,
        [paging.start, paging.limit],
      )
    : db.query<Page<string>>(
        `SELECT (SELECT count(*) FROM spaces s WHERE ${inArrayScopeSql('s', 3)}) AS total,
                ARRAY(SELECT name FROM ${firstSpacesInScopeSql(3, { limit: '($1::bigint + $2::bigint)' })} AS first
                       ORDER BY name OFFSET $1 LIMIT $2) AS items`,
        [paging.start, paging.limit, ...toScopeArrays(scope)],
      ));
  return page ?? { total: 0, items: [] };
}

/** Reads a space. @throws {RegistryError} `name.invalid`, `space.notFound` */
export async function readSpace(
  { db, actor, suggestible }: Pick<RegistryDeps, 'db' | 'actor' | 'suggestible'>,
  space: string,
): Promise<Space> {
  checkSpaceName(space);
  const [found] = await db.query<SpaceRow>(`SELECT ${spaceColumns} FROM spaces WHERE name = $1`, [space]);
  if (!found) throw await explainMissing(db, { space }, suggestible);
  return viewSpace({ db, actor }, found);
}

interface SpaceRow extends Required<Omit<Space, 'mirror'>> {
  id: number;
  isMirror: boolean;
}

const spaceColumns = `id, name, overwriting, visibility, chart_count AS charts, version_count AS versions, ${isMirrorSql('spaces')} AS "isMirror", ${quotaColumnSql('spaces')}`;

/**
 * Shows a space to an actor. Where access is open, everybody is a member and reads everything. A token for some charts
 * gets the numbers of those, and no quota.
 */
async function viewSpace(
  { db, actor }: { db: Queryable; actor: Actor },
  { id, visibility, quota, isMirror, ...space }: SpaceRow,
): Promise<Space> {
  const subject = await actor.subject();
  const { caller } = subject;
  const globs = caller.kind === 'principal' && visibility !== 'public' ? caller.narrowing?.charts : undefined;
  const seesQuota = globs === undefined && isSpaceMember(subject, id);
  return {
    ...space,
    ...(globs ? await countCharts(db, id, globs) : {}),
    ...(actor.guarded ? { visibility } : {}),
    ...(isMirror ? { mirror: isMirror } : {}),
    ...(seesQuota ? { quota } : {}),
  };
}

/** Counts the charts of a space whose names match globs, and their versions. */
async function countCharts(
  db: Queryable,
  id: number,
  globs: readonly string[],
): Promise<Pick<Space, 'charts' | 'versions'>> {
  const [counted] = await db.query<Pick<Space, 'charts' | 'versions'>>(
    `SELECT count(*) AS charts, coalesce(sum(version_count), 0)::bigint AS versions
       FROM charts WHERE space_id = $1 AND name LIKE ANY($2::text[])`,
    [id, globs.map(toLikePattern)],
  );
  return counted ?? { charts: 0, versions: 0 };
}

/**
 * Creates a space. Its creator becomes its owner; a space that the registry itself creates has none.
 * @param settings policy on overwriting, the registry's default if omitted; visibility, `private` if omitted
 * @throws {RegistryError} `name.invalid`, `space.exists`, `resource.locked`, `access.denied`; `access.open` for a
 *   visibility where access is open
 */
export async function createSpace(
  { actor, locks, ...registry }: Pick<RegistryDeps, 'actor' | 'locks' | 'overwriting'>,
  space: string,
  { overwriting = registry.overwriting, visibility = 'private' }: SpaceSettings = {},
): Promise<void> {
  checkSpaceName(space);
  if (visibility !== 'private') await assertAccessGuarded(actor);
  await actor.requireInRegistry('space.create');
  await locks.write([space], async (tx) => {
    const owner = await checkSpaceCreator(tx, actor, space);
    const [created] = await tx.query<{ id: number }>(
      `INSERT INTO spaces (name, overwriting, visibility) VALUES ($1, $2, $3)
       ON CONFLICT (name) DO NOTHING RETURNING id`,
      [space, overwriting, visibility],
    );
    if (!created) throw new RegistryError('space.exists', `Space ${space} exists already.`);
    if (owner !== undefined) await insertOwner(tx, created.id, owner);
    await recordAudit(tx, actor, {
      action: 'space.create',
      right: 'space.create',
      space,
      details: { overwriting, visibility },
    });
  });
}

/** Creates a space unless it exists. */
export async function createSpaceIfMissing({ db, overwriting }: RegistryDeps, space: string): Promise<void> {
  await db.transaction((tx) => ensureSpace(tx, space, overwriting));
}

/**
 * Changes the settings of a space. A new visibility counts with the next request, and a quota with the next commit. A
 * quota that is exceeded already refuses growth alone. The change takes no lock, and does not wait for writes under
 * way. The space's row, which every write locks last, decides whether a write or the new policy comes first.
 * @throws {RegistryError} `name.invalid`, `space.notFound`, those of a missing right; `access.open` for a visibility
 *   where access is open, since anybody could then disclose what it will keep once it is guarded
 */
export async function changeSpace(
  { db, actor, suggestible }: Pick<RegistryDeps, 'db' | 'actor' | 'suggestible'>,
  space: string,
  { overwriting, visibility, quota = {} }: SpaceChanges,
): Promise<Space> {
  checkSpaceName(space);
  if (visibility !== undefined) await assertAccessGuarded(actor);
  const { bytes, versions } = quota;
  const setsQuota = bytes !== undefined || versions !== undefined;
  if (setsQuota) await actor.requireInRegistry('quota.set');
  return db.transaction(async (tx) => {
    const id = await findSpaceId(tx, space);
    await actor.confirm(tx, 'space.configure', { space });
    if (setsQuota) await actor.confirmInRegistry(tx, 'quota.set');
    // By its id, so that a space that is made anew after the check stays as it is.
    const [changed] = await tx.query<SpaceRow>(
      `UPDATE spaces SET overwriting = coalesce($2, overwriting), visibility = coalesce($3, visibility),
              quota_bytes = CASE WHEN $4 THEN $5 ELSE quota_bytes END,
              quota_versions = CASE WHEN $6 THEN $7 ELSE quota_versions END
        WHERE id = $1 RETURNING ${spaceColumns}`,
      [
        ...[id ?? null, overwriting ?? null, visibility ?? null],
        ...[bytes !== undefined, bytes ?? null, versions !== undefined, versions ?? null],
      ],
    );
    if (!changed) throw await explainMissing(tx, { space }, suggestible);
    await recordAudit(tx, actor, {
      action: 'space.configure',
      right: 'space.configure',
      space,
      details: { overwriting, visibility, quotaBytes: bytes, quotaVersions: versions },
    });
    return viewSpace({ db: tx, actor }, changed);
  });
}

/**
 * Deletes a space with all its charts, immutable or not. The garbage collection deletes the archives.
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
