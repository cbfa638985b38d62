import type { Transaction } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findOrCreateUploadSpace, findSpaceId } from '../registry/space-rows.ts';
import type { RepositoryRef } from './names.ts';

/**
 * Checks before an upload that the space exists or may be created.
 * @throws {RegistryError} `space.notFound`
 */
export async function checkMayPush(registry: RegistryDeps, { space }: RepositoryRef): Promise<void> {
  if (registry.autoCreateSpaces || (await findSpaceId(registry.db, space)) !== undefined) return;
  if (registry.actor.guarded) throw missingSpaceError(space);
  throw await explainMissing(registry.db, { space }, registry.suggestible);
}

/**
 * Prepares the write of received content, where rights are checked. The space is created in the name of the actor.
 * Writes are shared with those of others, and so have no actor who could become the owner. The right is checked
 * again: it may have gone while the content was received, and another may have created the space meanwhile.
 * @param beforeCreation is called where the space does not exist, before anything is done about that
 * @returns id of the space in which it was checked, for `confirmPush`
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces; `access.unauthenticated`, `access.denied`
 */
export async function preparePush(
  registry: RegistryDeps,
  { space, name }: RepositoryRef,
  beforeCreation: () => Promise<void> = async () => undefined,
): Promise<number | undefined> {
  const { actor, db, autoCreateSpaces } = registry;
  if (!actor.guarded) return undefined;
  if ((await findSpaceId(db, space)) === undefined) {
    await beforeCreation();
    if (!autoCreateSpaces) throw missingSpaceError(space);
    await db.transaction((tx) => findOrCreateUploadSpace(tx, registry, space));
  }
  return actor.require('chart.publish', { space, chart: name });
}

/**
 * Confirms the right of a push, in the space in which it was checked. The transaction of the push asks it,
 * under its lock: the right may have gone while the content was stored.
 * @param checked result of `preparePush`
 * @throws {RegistryError} `access.unauthenticated`, `access.denied`, also for a space that somebody has made again meanwhile
 */
export async function confirmPush(
  tx: Transaction,
  { actor }: Pick<RegistryDeps, 'actor'>,
  { space, name }: RepositoryRef,
  checked: number | undefined,
): Promise<void> {
  await actor.confirm(tx, 'chart.publish', { space, chart: name, spaceId: checked });
}

/** Makes the error for a space that does not exist. It names no similar ones, which the actor may not be allowed to know. */
function missingSpaceError(space: string): RegistryError {
  return new RegistryError(
    'space.notFound',
    `There is no space ${space}, and uploads create none here. Create it first.`,
  );
}
