import type { Transaction } from '../db/port.ts';
import { spaceNotFound } from '../registry/not-found.ts';
import type { VersionRef } from '../registry/registry.ts';
import { findSpace, hasVersion, versionExistsError } from '../registry/rows.ts';

/**
 * Checks that a recipe's result has a place to go to.
 * @throws {RegistryError} `space.notFound`, `version.exists`
 */
export async function checkTarget(tx: Transaction, target: VersionRef): Promise<void> {
  const { space } = target;
  if ((await findSpace(tx, space)) === undefined) {
    throw spaceNotFound(space, `; create it with POST /api/v1/spaces?space=${space}`);
  }
  if (await hasVersion(tx, target)) throw versionExistsError(target);
}
