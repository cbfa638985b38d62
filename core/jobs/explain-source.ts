import type { Queryable } from '../db/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import type { Config, Recipe } from '../recipe/recipe.ts';
import { sourcesOf } from '../recipe/sources.ts';
import { explainMissing } from '../registry/not-found.ts';

/**
 * Says of a recipe's missing source what is missing, space, chart or version, and what is nearest to it.
 * The plan is made without the database, so it knows only that the source was not found.
 * @param error thrown while planning
 * @returns another `source.notFound` with the same pointer; or the error itself, where it is about something else
 */
export async function explainSource(db: Queryable, recipe: Recipe<Config>, error: unknown): Promise<unknown> {
  if (!isRegistryError(error, 'source.notFound')) return error;
  const pointer = error.details?.pointer;
  const source = sourcesOf(recipe).find((candidate) => candidate.pointer === pointer);
  if (!source) return error;
  const { code, message, details } = await explainMissing(db, source);
  return new RegistryError('source.notFound', `${pointer}: ${message}`, {
    ...error.details,
    missing: code.replace('.notFound', ''),
    ...details,
  });
}
