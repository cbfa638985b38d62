import type { Queryable } from '../db/port.ts';
import { isRegistryError } from '../errors.ts';
import type { Warning } from '../recipe/warning.ts';
import type { VersionRef } from '../registry/registry.ts';
import { type AvailableTarget, checkTargetState, readTargets, type TargetRequest } from './target.ts';

/** Target of a dry run. */
export interface PreviewedTarget extends Pick<AvailableTarget, 'replaces'> {
  /** Set where a version is in the way of the recipe: the dry run says what would change, and that. */
  warning?: Warning;
}

/**
 * Looks at the target of a dry run. An existing version does not stop it.
 * @throws {RegistryError} `space.notFound`, `access.denied`
 */
export async function previewTarget(
  db: Queryable,
  target: VersionRef,
  claim: TargetRequest,
): Promise<PreviewedTarget> {
  const [state] = await readTargets(db, [target]);
  try {
    const { replaces } = await checkTargetState(db, target, state, claim);
    return replaces === undefined ? {} : { replaces };
  } catch (error) {
    const isInTheWay =
      isRegistryError(error, 'version.exists') || isRegistryError(error, 'version.immutable');
    if (!isInTheWay || !state?.archive) throw error;
    const message = `The recipe itself will be refused. ${error.message}`;
    return {
      replaces: state.archive,
      warning: { code: 'version.exists', pointer: '/save/version', message },
    };
  }
}
