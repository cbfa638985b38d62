import { RegistryError } from '../errors.ts';
import { checkFollow } from '../follow/check-follow.ts';
import { findConflictingLock } from '../locks/table.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import type { ReadRecipe } from '../recipe/read-recipe.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { resolvedSources } from '../recipe/sources.ts';
import { limitWarnings } from '../recipe/warning.ts';
import type { JsonText } from '../registry/documents.ts';
import { nameOf } from '../registry/names.ts';
import { checkCallback } from '../webhooks/callback.ts';
import { explainSource } from './explain-source.ts';
import type { JobDeps } from './jobs.ts';
import { type PreviewedTarget, previewTarget } from './preview-target.ts';
import { checkRecipeRights, type RecipeRights } from './recipe-rights.ts';
import { findSources } from './resolve-sources.ts';
import { nameFaultySource } from './source-fault.ts';
import { explainReserved } from './target.ts';

/** Attempts to preview before the answer is 423; a second is needed only when a source changes meanwhile. */
const maxAttempts = 3;

/**
 * Plans, validates and previews a recipe, and stores nothing.
 * @returns a JSON object, as text: `space`, `chart`, `version`, `sources`, `plan`, and the fields of a `Preview`;
 *   `replaces` where the version exists
 * @throws {RegistryError} the errors of `submitJob` and of the job
 */
export async function dryRun(
  jobs: JobDeps,
  { space, recipe, ignored }: { space: string } & Pick<ReadRecipe, 'recipe' | 'ignored'>,
): Promise<JsonText> {
  const rights = await checkRecipeRights(jobs.actor, space, recipe);
  if (recipe.callback) checkCallback(recipe.callback, jobs.guard);
  await checkFollow(jobs, space, recipe);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { plan, target } = await planNow(jobs, space, recipe, rights);
    const preview = await nameFaultySource(plan, () => jobs.previewer.preview(plan));
    if (!preview) continue;
    const { chart, version } = plan;
    const replaces = target.replaces && { digest: target.replaces };
    const head = JSON.stringify({ space, chart, version, replaces, sources: resolvedSources(recipe, plan) });
    const all = [...(target.warning ? [target.warning] : []), ...preview.warnings, ...ignored];
    const warnings = JSON.stringify(limitWarnings(all));
    const { metadata, values } = preview;
    return `${head.slice(0, -1)},"plan":${writePlan(plan)},"metadata":${metadata},"values":${values},"warnings":${warnings}}`;
  }
  throw lockedError('The sources are');
}

function planNow(
  jobs: JobDeps,
  space: string,
  recipe: Recipe<Configuration>,
  rights: RecipeRights,
): Promise<{ plan: Plan<Configuration>; target: PreviewedTarget }> {
  return jobs.db.transaction(async (tx) => {
    const { chart, version } = recipe;
    if ((await findConflictingLock(tx, [space, chart, version])) !== undefined) {
      const reserved = await explainReserved(tx, { space, chart, version }, jobs.links);
      throw reserved ?? lockedError(`${nameOf({ space, chart, version })} is`);
    }
    const claim = { replaces: recipe.replace === true, rights, links: jobs.links };
    const target = await previewTarget(tx, { space, chart, version }, claim);
    const find = await findSources(tx, recipe, rights);
    try {
      return { plan: planRecipe(recipe, space, find), target };
    } catch (error) {
      throw await explainSource(tx, recipe, rights, error);
    }
  });
}

function lockedError(subject: string): RegistryError {
  return new RegistryError(
    'resource.locked',
    `${subject} being written by another request. Try again in a moment.`,
  );
}
