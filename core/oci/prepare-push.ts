import { createSpaceAs } from '../registry/create-space-as.ts';
import { explainMissing } from '../registry/not-found.ts';
import type { RegistryDeps } from '../registry/registry.ts';
import { findSpace } from '../registry/space-rows.ts';
import type { RepositoryRef } from './names.ts';

/**
 * Checks before an upload that the space exists or may be created.
 * @throws {RegistryError} `space.notFound`
 */
export async function checkMayPush(registry: RegistryDeps, { space }: RepositoryRef): Promise<void> {
  // Where rights are checked, the right to publish included that.
  if (registry.autoCreateSpaces || registry.actor.guarded) return;
  if ((await findSpace(registry.db, space)) === undefined)
    throw await explainMissing(registry.db, { space }, registry.suggestible);
}

/**
 * Prepares the write of received content, where rights are checked: creates the space in the name of the actor.
 * Writes are shared with those of others, and so have no actor who could become the owner. The right is checked again:
 * it may have gone while the content was received, and another may have created the space meanwhile.
 * @throws {RegistryError} `space.notFound` where uploads may not create spaces; `access.unauthenticated`, `access.denied`
 */
export async function preparePush(registry: RegistryDeps, { space, name }: RepositoryRef): Promise<void> {
  const { actor, db } = registry;
  if (!actor.guarded) return;
  if ((await findSpace(db, space)) === undefined) await createSpaceAs(registry, space);
  await actor.require('chart.publish', { space, chart: name });
}
