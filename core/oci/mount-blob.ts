import type { Actor } from '../access/actor.ts';
import { scopesOfCaller } from '../access/principal.ts';
import { inJsonScopeSql, toScopeJson } from '../access/read-scope.ts';
import type { Transaction } from '../db/port.ts';
import { isStoredWhole } from '../registry/blob-faults.ts';
import { lockBlobsShared } from '../registry/blob-references.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { type RepositoryBlob, restartExpirySql } from './blobs.ts';
import type { OciDigest } from './digest.ts';
import { isKeptWhole } from './kept-content.ts';
import type { RepositoryRef } from './names.ts';
import { checkMayPush, confirmPush, preparePush } from './prepare-push.ts';
import { ensureRepository } from './repositories.ts';

/**
 * Mounts a blob of another repository, without moving bytes. A digest alone does not prove having the bytes: the actor
 * must be allowed to read the other repository.
 * @param from the other repository; any that has the blob if undefined
 * @returns false when the blob does not exist, may not be read, or is not whole: the client then uploads the blob, which
 *   repairs it
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces; the errors of `preparePush`
 */
export async function mountBlob(
  registry: RegistryDeps,
  repository: RepositoryRef,
  digest: OciDigest,
  from: RepositoryRef | undefined,
): Promise<boolean> {
  await checkMayPush(registry, repository);
  const bounds = await readSourceBounds(registry.actor, from);
  if (!bounds) return false;
  const checked = await preparePush(registry, repository);
  return registry.locks.write([repository.space, repository.name, digest], async (tx) => {
    await confirmPush(tx, registry, repository, checked);
    const source = await lockSource(tx, digest, bounds);
    if (!source || (source.content && !isKeptWhole(digest, source.content))) return false;
    if (source.blob) {
      await lockBlobsShared(tx, [source.blob]);
      const content = { digest: source.blob, size: source.size };
      if (!(await isStoredWhole({ db: tx, blobs: registry.blobs }, content))) return false;
    }
    const id = await ensureRepository(tx, registry, repository);
    await tx.query(
      `INSERT INTO oci_blobs (repository_id, digest, blob, content, size) VALUES ($1, $2, $3, $4, $5) ${restartExpirySql}`,
      [id, digest, source.blob, source.content, source.size],
    );
    return true;
  });
}

/** Bounds of the repositories that a mount may use; null for none. */
interface SourceBounds {
  from: RepositoryRef | undefined;
  /** Id of the space of `from` in which the right to read was checked; null where nothing is checked. */
  spaceId: number | null;
  /** Read scope as the parameter of a query. */
  scope: string | null;
  /** Full names of the repositories. */
  names: readonly string[] | null;
}

/** Returns the bounds of an actor's sources; undefined where it may not read the named one. */
async function readSourceBounds(
  actor: Actor,
  from: RepositoryRef | undefined,
): Promise<SourceBounds | undefined> {
  if (!actor.guarded) return { from, spaceId: null, scope: null, names: null };
  if (from) {
    const { id: spaceId = 0 } = (await actor.findSpace(from.space)) ?? {};
    const isReadable = await actor.may('chart.read', { space: from.space, chart: from.name, spaceId });
    return isReadable ? { from, spaceId, scope: null, names: null } : undefined;
  }
  const scopes = scopesOfCaller(await actor.caller());
  const pulled = scopes && [...scopes.repositories].filter(([, actions]) => actions.has('pull'));
  return {
    from,
    spaceId: null,
    scope: toScopeJson(await actor.scope()),
    names: pulled?.map(([name]) => name) ?? null,
  };
}

/** Finds and locks a row that references the blob. The blob stays as long as the lock. */
async function lockSource(
  tx: Transaction,
  digest: OciDigest,
  { from, spaceId, scope, names }: SourceBounds,
): Promise<RepositoryBlob | undefined> {
  const params = [digest, from?.space ?? null, from?.name ?? null, scope, names, spaceId];
  const [linked] = await tx.query<RepositoryBlob>(
    `SELECT b.size, b.blob, b.content
       FROM oci_blobs b JOIN oci_repositories r ON r.id = b.repository_id JOIN spaces s ON s.id = r.space_id
      WHERE b.digest = $1 AND ${isWithinSql('r')} LIMIT 1 FOR KEY SHARE OF b`,
    params,
  );
  if (linked) return linked;
  const [archive] = await tx.query<RepositoryBlob>(
    `SELECT v.size, v.digest AS blob, NULL::bytea AS content
       FROM versions v JOIN charts c ON c.id = v.chart_id JOIN spaces s ON s.id = c.space_id
      WHERE v.digest = $1 AND ${isWithinSql('c')} LIMIT 1 FOR SHARE OF v`,
    params,
  );
  return archive;
}

/** SQL that is true within the bounds. @param named alias of the table with the name in the space */
function isWithinSql(named: 'r' | 'c'): string {
  return `($2::text IS NULL OR s.name = $2 AND ${named}.name = $3)
        AND ($6::bigint IS NULL OR s.id = $6)
        AND ($4::jsonb IS NULL OR ${inJsonScopeSql('s', '$4::jsonb')})
        AND ($5::text[] IS NULL OR s.name || '/' || ${named}.name = ANY ($5))`;
}
