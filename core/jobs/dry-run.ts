import { RegistryError } from '../errors.ts';
import { findConflictingLock } from '../locks/table.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import type { ReadRecipe } from '../recipe/read-recipe.ts';
import type { Config, Recipe } from '../recipe/recipe.ts';
import { resolvedSources } from '../recipe/sources.ts';
import { limitWarnings } from '../recipe/warning.ts';
import type { JsonText } from '../registry/documents.ts';
import { nameOf } from '../registry/names.ts';
import { checkCallback } from '../webhooks/callback.ts';
import { explainSource } from './explain-source.ts';
import type { JobDeps } from './jobs.ts';
import { findSources } from './resolve-sources.ts';
import { namingSources } from './source-fault.ts';
import { checkTarget, explainReserved } from './target.ts';

/** Rounds until the bytes of the sources are there; more than one are rare. */
const maxRounds = 3;

/**
 * Plans and previews a recipe as `submitJob` would accept it; nothing is stored, claimed or locked.
 * @returns a JSON object, as text: `space`, `chart`, `version`, `sources`, `plan`, and the fields of a `Preview`
 * @throws {RegistryError} the errors of `submitJob` and of the job
 */
export async function dryRun(
  jobs: JobDeps,
  { space, recipe, ignored }: { space: string } & Pick<ReadRecipe, 'recipe' | 'ignored'>,
): Promise<JsonText> {
  if (recipe.callback) checkCallback(recipe.callback, jobs.guard);
  for (let round = 0; round < maxRounds; round += 1) {
    const plan = await planNow(jobs, space, recipe);
    const preview = await namingSources(plan, () => jobs.previewer.preview(plan));
    if (!preview) continue;
    const { chart, version } = plan;
    const head = JSON.stringify({ space, chart, version, sources: resolvedSources(recipe, plan) });
    const warnings = JSON.stringify(limitWarnings([...preview.warnings, ...ignored]));
    const { metadata, values } = preview;
    return `${head.slice(0, -1)},"plan":${writePlan(plan)},"metadata":${metadata},"values":${values},"warnings":${warnings}}`;
  }
  throw beingWritten('The sources are');
}

function planNow(jobs: JobDeps, space: string, recipe: Recipe<Config>): Promise<Plan<Config>> {
  return jobs.db.transaction(async (tx) => {
    const { chart, version } = recipe;
    if ((await findConflictingLock(tx, [space, chart, version])) !== undefined) {
      const reserved = await explainReserved(tx, { space, chart, version });
      throw reserved ?? beingWritten(`${nameOf({ space, chart, version })} is`);
    }
    await checkTarget(tx, { space, chart, version });
    const find = await findSources(tx, recipe);
    try {
      return planRecipe(recipe, space, find);
    } catch (error) {
      throw await explainSource(tx, recipe, error);
    }
  });
}

function beingWritten(what: string): RegistryError {
  return new RegistryError(
    'resource.locked',
    `${what} being written by somebody else. Try again in a moment.`,
  );
}
