import { isRegistryError, RegistryError } from '../errors.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Config } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import { nameOf } from '../registry/names.ts';

/**
 * Runs a step that reads the sources of a plan, and names the source whose stored bytes are damaged or missing: a recipe
 * says versions, not digests.
 * @throws {RegistryError} `blob.damaged`, `blob.missing`; what `read` throws
 */
export async function namingSources<T>(plan: Plan<Config>, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isRegistryError(error, 'blob.damaged') && !isRegistryError(error, 'blob.missing')) throw error;
    const source = storedSources(plan.root).find(({ digest }) => digest === error.details?.digest);
    if (!source) throw error;
    const { space, chart, version } = source;
    throw new RegistryError(
      error.code,
      `The source ${nameOf(source)} cannot be read. ${error.message} Then send the recipe again.`,
      { ...error.details, source: { space, chart, version } },
    );
  }
}
