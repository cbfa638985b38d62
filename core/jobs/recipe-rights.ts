import type { Actor } from '../access/actor.ts';
import { fullReadScope, type ReadScope } from '../access/decide.ts';
import { markRefusal } from '../access/refusals.ts';
import { type SpaceRight, spaceRights, type Visibility, visibilities } from '../access/rights.ts';
import { RegistryError } from '../errors.ts';
import type { SpaceAccess } from '../read-cache/space-state.ts';
import type { Configuration, Recipe } from '../recipe/recipe.ts';
import { listRecipeSources, type RecipeSource } from '../recipe/sources.ts';
import type { NamedChart } from '../registry/mask-sources.ts';

/** Author of a job: the principal that sent its recipe, and the token or the proof by which it did. */
export interface JobAuthor {
  id: string;
  name: string;
  tokenId: string | undefined;
  proof: string | undefined;
}

/** Rights of a recipe's author, as they were when the recipe came. */
export interface RecipeRights {
  /** Undefined in a registry with open access. */
  author: JobAuthor | undefined;
  /** Ids of the spaces of target and sources, and of those in `save.from`, by name. */
  spaceIds: ReadonlyMap<string, number>;
  /** Whether the author may replace an existing version of the target. */
  mayReplace: boolean;
  /** Bounds of the names that errors may suggest. */
  scope: ReadScope;
  /** Whether the author may read a source; one that it may not does not exist for it. */
  isReadable(source: NamedChart): boolean;
  /** Whether the author may read a chart, or with `someChartPlaceholder` a space, that the recipe does not name. */
  mayRead(chart: NamedChart): Promise<boolean>;
  /**
   * Checks that the author may copy a part into the target.
   * @throws {RegistryError} `access.denied`
   */
  checkCopy(part: NamedChart & { pointer: string }): Promise<void>;
}

const unguardedRights: RecipeRights = {
  author: undefined,
  spaceIds: new Map(),
  mayReplace: true,
  scope: fullReadScope,
  isReadable: () => true,
  mayRead: async () => true,
  checkCopy: async () => undefined,
};

/**
 * Checks whether an actor may compose a recipe. Nothing of a source is looked up before.
 * @throws {RegistryError} `access.denied` for a target that it may not publish into, and for a target that more can read
 *   than a source that it may not disclose
 */
export async function checkRecipeRights(
  actor: Actor,
  space: string,
  recipe: Recipe<Configuration>,
): Promise<RecipeRights> {
  if (!actor.guarded) return unguardedRights;
  const sources = listRecipeSources(recipe);
  // Each space is read once: its id and visibility are of one time.
  const names = [...new Set([space, ...sources.map((source) => source.space), ...(recipe.from ?? [])])];
  const found = new Map(
    await Promise.all(names.map(async (name) => [name, await actor.findSpace(name)] as const)),
  );
  const target = found.get(space);
  const place = { space, chart: recipe.chart, spaceId: target?.id };
  await actor.require('chart.publish', place);
  // Zero is not a space's id: a space that came since then is not there for this recipe.
  const whereOf = (chart: NamedChart) => ({
    space: chart.space,
    chart: chart.chart,
    spaceId: found.get(chart.space)?.id ?? 0,
  });
  const mayRead = (chart: NamedChart) => actor.may('chart.read', whereOf(chart));
  const mayCopy = async (chart: NamedChart) => {
    const known = found.get(chart.space);
    const discloses = target && known && isMoreOpen(target, known);
    return !discloses || (await actor.may('chart.disclose', whereOf(chart)));
  };
  const readable = new Set<string>();
  const checkSource = async (source: RecipeSource) => {
    if (!(await mayRead(source))) return undefined;
    readable.add(keyOf(source));
    return (await mayCopy(source)) ? undefined : source;
  };
  const refused = (await Promise.all(sources.map(checkSource))).find((source) => source !== undefined);
  if (refused) throw disclosureError(refused, space);
  return {
    author: await jobAuthorOf(actor),
    mayReplace: await actor.may('chart.replace', place),
    spaceIds: new Map([...found].flatMap(([name, known]) => (known ? [[name, known.id] as const] : []))),
    scope: await actor.scope(),
    isReadable: (source) => readable.has(keyOf(source)),
    mayRead,
    async checkCopy(part) {
      if (!(await mayCopy(part))) throw disclosureError(part, space);
    },
  };
}

/** Tells whose jobs an actor's recipes become; undefined in a registry with open access. */
export async function jobAuthorOf(actor: Actor): Promise<JobAuthor | undefined> {
  if (!actor.guarded) return undefined;
  const caller = await actor.caller();
  if (caller.kind !== 'principal') return undefined;
  const { principal, tokenId, proof } = caller;
  return { id: principal.id, name: principal.name, tokenId, proof };
}

/** Whether more callers may read a space than another, by their visibilities. */
export function isMoreOpen(
  one: Pick<SpaceAccess, 'visibility'>,
  other: Pick<SpaceAccess, 'visibility'>,
): boolean {
  return visibilityRank(one.visibility) < visibilityRank(other.visibility);
}

function visibilityRank(visibility: Visibility): number {
  return visibilities.indexOf(visibility);
}

function keyOf({ space, chart }: NamedChart): string {
  return `${space}/${chart}`;
}

function disclosureError(
  { space, chart, pointer }: NamedChart & { pointer: string },
  target: string,
): RegistryError {
  const right: SpaceRight = 'chart.disclose';
  const error = new RegistryError(
    'access.denied',
    `More can read space ${target} than ${space}/${chart}, the source at ${pointer}. A copy needs the right ${right} in space ${space}: the role ${spaceRights[right]}. Compose into a space that is not more open.`,
    { right, pointer },
  );
  return markRefusal(error, { right, space, chart });
}
