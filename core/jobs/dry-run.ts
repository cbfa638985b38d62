import type { Digest } from '../blobs/port.ts';
import { isRegistryError, RegistryError } from '../errors.ts';
import { checkFollow, checkPlannedFollow } from '../follow/check-follow.ts';
import { findConflictingLock } from '../locks/table.ts';
import type { InFlight } from '../read-cache/in-flight.ts';
import { type Plan, planRecipe } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { resolvedSources } from '../recipe/sources.ts';
import { limitWarnings } from '../recipe/warning.ts';
import type { JsonText } from '../registry/documents.ts';
import { versionNameOf } from '../registry/names.ts';
import { checkCallback } from '../webhooks/callback.ts';
import { addMissingParts } from './add-missing-parts.ts';
import { comparePlan } from './compare-plan.ts';
import { explainSourceNotFound } from './explain-source-not-found.ts';
import type { JobDeps } from './jobs.ts';
import { locateWarnings } from './locate-warnings.ts';
import { type PreviewedTarget, previewTarget } from './preview-target.ts';
import { checkRecipeRights, type RecipeRights } from './recipe-rights.ts';
import { findSources } from './resolve-sources.ts';
import { withFaultySourceNamed } from './source-fault.ts';
import type { Submission } from './submission.ts';
import { explainReservedTarget } from './target.ts';

/** Recipe of a dry run, and a version of its chart that the result is compared with, or `latest`. */
export interface DryRunRequest
  extends Pick<Submission, 'space' | 'yamlText' | 'recipe' | 'ignored' | 'places'> {
  against?: string | undefined;
}

/** Attempts to preview before the answer is 423; a second is needed only when a source changes meanwhile. */
const maxAttempts = 3;

/**
 * Plans, validates and previews a recipe, and stores nothing.
 * A version that exists is compared with what would take its place, unless another one is asked for.
 * @param inFlight admits the preview and the comparison at their turns, and counts what is made between them
 * @returns a JSON object, as text: `space`, `chart`, `version`, `sources`, `plan` and the fields of a `Preview`;
 *   `replaces` where the version exists; `comparison` with that or with what was asked for
 * @throws {RegistryError} the errors of `submitJob`, of the job and of `comparePlan`
 */
export async function dryRun(jobs: JobDeps, asked: DryRunRequest, inFlight: InFlight): Promise<JsonText> {
  const { space, recipe, ignored, against } = asked;
  const rights = await checkRecipeRights(jobs.actor, space, recipe);
  if (recipe.callback) checkCallback(recipe.callback, jobs.guard);
  await checkFollow(jobs, space, recipe, rights.isReadable);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { plan, target } = await planAndCheckTarget(jobs, space, recipe, rights);
    await checkPlannedFollow(jobs, recipe, plan);
    const preview = await withFaultySourceNamed(plan, () =>
      jobs.previewer.preview(plan, inFlight.admitInTurn),
    );
    if (!preview) continue;
    const release = inFlight.addUnsent(preview.metadata.length + preview.values.length);
    try {
      const compared = { against, replaces: target.replaces, admit: inFlight.admitInTurn };
      const comparison = await comparePlanToExisting(jobs, plan, compared, rights);
      if (comparison === undefined) continue;
      const { chart, version } = plan;
      const replaces = target.replaces && { digest: target.replaces };
      const head = JSON.stringify({
        space,
        chart,
        version,
        replaces,
        sources: resolvedSources(recipe, plan),
      });
      const found = [...(target.warning ? [target.warning] : []), ...preview.warnings];
      const all = [...(await locateWarnings(jobs.charts, asked, found)), ...ignored];
      const warnings = JSON.stringify(limitWarnings(all));
      const { metadata, values } = preview;
      return `${head.slice(0, -1)},"plan":${writePlan(plan)},"metadata":${metadata},"values":${values},"warnings":${warnings}${comparison && `,"comparison":${comparison}`}}`;
    } finally {
      release();
    }
  }
  throw lockedError('The sources are');
}

/** Version that a plan is compared with, and the check that there is room in memory. */
interface PlanComparison {
  against: string | undefined;
  replaces: Digest | undefined;
  admit: () => Promise<void>;
}

/**
 * Compares a plan with the version that was asked for, or else with the one that it would replace.
 * @returns an empty text where there is none; undefined as `comparePlan`
 */
async function comparePlanToExisting(
  jobs: JobDeps,
  plan: Plan<Configuration>,
  { against, replaces, admit }: PlanComparison,
  rights: RecipeRights,
): Promise<JsonText | undefined> {
  const version = against ?? (replaces && plan.version);
  if (version === undefined) return '';
  try {
    return await withFaultySourceNamed(plan, () => comparePlan(jobs, plan, version, { ...rights, admit }));
  } catch (error) {
    // A recipe can take the place of a version that cannot be read, so its dry run goes on.
    if (against === undefined && isBlobFaultOf(replaces, error)) return '';
    throw error;
  }
}

function isBlobFaultOf(digest: Digest | undefined, error: unknown): boolean {
  const isFault = isRegistryError(error, 'blob.damaged') || isRegistryError(error, 'blob.missing');
  return isFault && error.details?.digest === digest && error.details?.source === undefined;
}

function planAndCheckTarget(
  jobs: JobDeps,
  space: string,
  recipe: Recipe<Configuration>,
  rights: RecipeRights,
): Promise<{ plan: Plan<Configuration>; target: PreviewedTarget }> {
  return jobs.db.transaction(async (tx) => {
    const { chart, version } = recipe;
    if ((await findConflictingLock(tx, [space, chart, version])) !== undefined) {
      const reserved = await explainReservedTarget(tx, { space, chart, version }, jobs.links);
      throw reserved ?? lockedError(`${versionNameOf({ space, chart, version })} is`);
    }
    const claim = { replaces: recipe.replace === true, rights, links: jobs.links };
    const target = await previewTarget(tx, { space, chart, version }, claim);
    const find = await findSources(tx, recipe, rights);
    try {
      const planned = planRecipe(recipe, space, find);
      return { plan: await addMissingParts(tx, recipe, planned, rights), target };
    } catch (error) {
      throw await explainSourceNotFound(tx, recipe, rights, error);
    }
  });
}

function lockedError(subject: string): RegistryError {
  return new RegistryError(
    'resource.locked',
    `${subject} being written by another request. Try again in a moment.`,
  );
}
