import { isRegistryError, RegistryError } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { findPackagePointer, storedSources } from '../recipe/sources.ts';
import { versionNameOf } from '../registry/names.ts';

/**
 * Runs a step that reads sources, and names the source in errors about its blob.
 * The error of the store has a digest, but the author of a recipe knows versions only.
 * @throws {RegistryError} `blob.damaged`, `blob.missing`; the errors of `read`
 */
export async function withFaultySourceNamed<T>(
  plan: Plan<Configuration>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isRegistryError(error, 'blob.damaged') && !isRegistryError(error, 'blob.missing')) throw error;
    const source = storedSources(plan.root).find(({ digest }) => digest === error.details?.digest);
    if (!source) throw error;
    const { space, chart, version } = source;
    const pointer = findPackagePointer(plan.root, source.digest);
    throw new RegistryError(
      error.code,
      `The source ${versionNameOf(source)} cannot be read. ${error.message} Then send the recipe again.`,
      { ...error.details, ...(pointer ? { pointer } : {}), source: { space, chart, version } },
    );
  }
}
