import type { Actor } from '../access/actor.ts';
import type { Queryable } from '../db/port.ts';
import { RegistryError } from '../errors.ts';
import type { FollowSettings } from '../recipe/follow-settings.ts';
import { resolvesParts } from '../recipe/parse-from.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { listRecipeSources, resolvedSources } from '../recipe/sources.ts';
import type { NamedChart } from '../registry/mask-sources.ts';
import { isImmutable } from '../registry/version-rows.ts';
import { isStrictVersion } from '../semver/version.ts';
import { createFollowCycleError } from './cycle-error.ts';
import { findCycle } from './find-cycle.ts';

/** Checks that need the database, and the actor whose rights the follow will have. */
interface CheckDeps {
  db: Queryable;
  actor: Actor;
}

/**
 * Checks the follow that a recipe asks for, before its job is accepted.
 * Two recipes that close a cycle together may both pass: the follow of the one that is stored later fails then.
 * @param isReadable whether the actor may read a source; one that it may not does not exist for it
 * @throws {RegistryError} `follow.cycle`, with the chain as far as the actor may know it; the errors of `checkFollowSettings`
 */
export async function checkFollow(
  deps: CheckDeps,
  space: string,
  recipe: Recipe<Configuration>,
  isReadable: (source: NamedChart) => boolean,
): Promise<void> {
  const { chart, follow } = recipe;
  if (!follow) return;
  // A whole version is exact: no new version of its chart composes this one.
  const ranges = listRecipeSources(recipe).filter(
    (source) => source.pick !== undefined && !isStrictVersion(source.version) && isReadable(source),
  );
  const chain = await findCycle(deps.db, { space, chart }, ranges);
  if (chain) throw await createFollowCycleError(deps.actor, chain, '/save/follow');
  await checkFollowSettings(deps, { space, chart }, follow, '/save/follow');
}

/**
 * Checks the follow of a recipe against the missing parts in its plan. Their ranges close cycles as those of the recipe
 * do.
 * @throws {RegistryError} `follow.cycle`
 */
export async function checkPlannedFollow(
  { db, actor }: CheckDeps,
  recipe: Recipe<Configuration>,
  plan: Plan<Configuration>,
): Promise<void> {
  if (!recipe.follow || !resolvesParts(recipe.root)) return;
  const ranges = resolvedSources(recipe, plan).filter(({ requested, version }) => requested !== version);
  const { space, chart } = plan;
  const chain = await findCycle(db, { space, chart }, ranges);
  if (chain) throw await createFollowCycleError(actor, chain, '/save/follow');
}

/**
 * Checks that a follow will be able to delete what it does not keep.
 * @param pointer place of the settings in the request's body
 * @throws {RegistryError} `access.denied`; `version.immutable` in a space whose versions are not deleted
 */
export async function checkFollowSettings(
  { db, actor }: CheckDeps,
  { space, chart }: NamedChart,
  { keep }: FollowSettings,
  pointer: string,
): Promise<void> {
  if (keep === undefined) return;
  await actor.require('chart.delete', { space, chart });
  if (!(await isImmutable(db, space))) return;
  throw new RegistryError(
    'version.immutable',
    `Versions in space ${space} are immutable and not deleted, so ${pointer}/keep cannot work. Leave it out.`,
    { pointer: `${pointer}/keep` },
  );
}
