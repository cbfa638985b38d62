import type { Json } from '../chart/json.ts';
import { RegistryError } from '../errors.ts';
import { findBlocker } from '../locks/table.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import type { Preview } from '../recipe/preview.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type ResolvedSource, resolvedSources } from '../recipe/sources.ts';
import { findUnknownKeys } from '../recipe/unknown-keys.ts';
import { nameOf } from '../registry/names.ts';
import { checkCallback } from '../webhooks/sign.ts';
import type { Jobs } from './jobs.ts';
import { namingSources } from './source-fault.ts';
import { findSources } from './sources.ts';
import { checkTarget } from './target.ts';

/** What a recipe would make, if it were sent now. */
export type DryRun = Preview & {
  space: string;
  chart: string;
  version: string;
  sources: ResolvedSource[];
  plan: Plan;
};

/** Rounds until the bytes of the sources are there; more than one are rare. */
const mostRounds = 3;

/**
 * Looks at a recipe as `submitJob` does, and foresees what it makes; nothing is stored, claimed or held.
 * @param given.body what the recipe was parsed from
 * @throws {RegistryError} what `submitJob` and the job would
 */
export async function dryRun(
  jobs: Jobs,
  { space, recipe, body }: { space: string; recipe: Recipe; body: Json },
): Promise<DryRun> {
  if (recipe.callback) checkCallback(recipe.callback);
  for (let round = 0; round < mostRounds; round += 1) {
    const plan = await planNow(jobs, space, recipe);
    const preview = await namingSources(plan, () => jobs.previewer.preview(plan));
    if (!preview) continue;
    const { chart, version } = plan;
    const warnings = [...preview.warnings, ...findUnknownKeys(body, recipe)];
    return { space, chart, version, sources: resolvedSources(recipe, plan), plan, ...preview, warnings };
  }
  throw beingWritten('The sources are');
}

function planNow(jobs: Jobs, space: string, recipe: Recipe): Promise<Plan> {
  return jobs.db.transaction(async (tx) => {
    const { chart, version } = recipe;
    if ((await findBlocker(tx, [space, chart, version])) !== undefined) {
      throw beingWritten(`${nameOf({ space, chart, version })} is`);
    }
    await checkTarget(tx, { space, chart, version });
    return planRecipe(recipe, space, await findSources(tx, recipe));
  });
}

function beingWritten(what: string): RegistryError {
  return new RegistryError(
    'resource.locked',
    `${what} being written by somebody else. Try again in a moment.`,
  );
}
