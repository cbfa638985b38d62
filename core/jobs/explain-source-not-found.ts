import { markRefusal } from '../access/refusals.ts';
import type { Queryable } from '../db/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { listRecipeSources } from '../recipe/sources.ts';
import { explainMissing, rewordMissing } from '../registry/not-found.ts';
import type { RecipeRights } from './recipe-rights.ts';

/**
 * Adds to a `source.notFound` which name is missing, and the nearest names.
 * Planning does not use the database, so its error knows only that the source was not found.
 * @param error thrown while planning
 * @returns another `source.notFound` with the same pointer; any other error unchanged
 */
export async function explainSourceNotFound(
  db: Queryable,
  recipe: Recipe<Configuration>,
  { scope, isReadable }: RecipeRights,
  error: unknown,
): Promise<unknown> {
  if (!isRegistryError(error, 'source.notFound')) return error;
  const pointer = error.details?.pointer;
  const source = listRecipeSources(recipe).find((candidate) => candidate.pointer === pointer);
  if (!source) return error;
  // A source that may not be read gets the error of a space that does not exist.
  const { space, chart } = source;
  const missing = await explainMissing(db, isReadable(source) ? source : { space }, scope);
  const explained = rewordMissing(missing, ({ code, message, details }) => {
    const part = code.replace('.notFound', '');
    return new RegistryError('source.notFound', `${pointer}: ${message}`, {
      ...error.details,
      missing: part,
      ...details,
    });
  });
  return isReadable(source) ? explained : markRefusal(explained, { right: 'chart.read', space, chart });
}
