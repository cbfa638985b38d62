import { RegistryError } from '../errors.ts';
import { findConflictingLock } from '../locks/table.ts';
import { findIgnoredKeys } from '../recipe/ignored-keys.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import type { Preview } from '../recipe/preview.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type ResolvedSource, resolvedSources } from '../recipe/sources.ts';
import { limitWarnings } from '../recipe/warning.ts';
import { nameOf } from '../registry/names.ts';
import { checkCallback } from '../webhooks/callback.ts';
import type { Json } from '../yaml/json.ts';
import { explainSource } from './explain-source.ts';
import type { JobDeps } from './jobs.ts';
import { findSources } from './resolve-sources.ts';
import { nameFaultySource } from './source-fault.ts';
import { checkTarget, explainReserved } from './target.ts';

/** Result of a dry run: the chart that the recipe would give now. */
export type DryRun = Preview & {
  space: string;
  chart: string;
  version: string;
  sources: ResolvedSource[];
  plan: Plan;
};

/** Attempts to preview before the answer is 423; a second is needed only when a source changes meanwhile. */
const maxAttempts = 3;

/**
 * Plans, validates and previews a recipe, and stores nothing.
 * @param body the JSON from which the recipe was parsed
 * @throws {RegistryError} the errors of `submitJob` and of the job
 */
export async function dryRun(
  jobs: JobDeps,
  { space, recipe, body }: { space: string; recipe: Recipe; body: Json },
): Promise<DryRun> {
  if (recipe.callback) checkCallback(recipe.callback, jobs.guard);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const plan = await planNow(jobs, space, recipe);
    const preview = await nameFaultySource(plan, () => jobs.previewer.preview(plan));
    if (!preview) continue;
    const { chart, version } = plan;
    const warnings = limitWarnings([...preview.warnings, ...findIgnoredKeys(body)]);
    return { space, chart, version, sources: resolvedSources(recipe, plan), plan, ...preview, warnings };
  }
  throw lockedError('The sources are');
}

function planNow(jobs: JobDeps, space: string, recipe: Recipe): Promise<Plan> {
  return jobs.db.transaction(async (tx) => {
    const { chart, version } = recipe;
    if ((await findConflictingLock(tx, [space, chart, version])) !== undefined) {
      const reserved = await explainReserved(tx, { space, chart, version }, jobs.links);
      throw reserved ?? lockedError(`${nameOf({ space, chart, version })} is`);
    }
    await checkTarget(tx, { space, chart, version }, jobs.links);
    const find = await findSources(tx, recipe);
    try {
      return planRecipe(recipe, space, find);
    } catch (error) {
      throw await explainSource(tx, recipe, error);
    }
  });
}

function lockedError(subject: string): RegistryError {
  return new RegistryError(
    'resource.locked',
    `${subject} being written by another request. Try again in a moment.`,
  );
}
