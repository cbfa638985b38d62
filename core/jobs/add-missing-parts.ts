import type { Queryable } from '../db/port.ts';
import { effectiveNameOf, findAbsentEntries } from '../recipe/absent-entries.ts';
import { resolvesParts } from '../recipe/parse-from.ts';
import { tooManyParts, tooManyRanges } from '../recipe/part-faults.ts';
import {
  type AbsentEntry,
  checkNodeAndPartCount,
  copyWithParts,
  createGaps,
  fillGaps,
  type Gap,
} from '../recipe/part-gaps.ts';
import type { Plan, StoredSource } from '../recipe/plan.ts';
import { type Configuration, type Recipe, recipeLimits } from '../recipe/recipe.ts';
import { versionNameOf } from '../registry/names.ts';
import { createRangeMatcher, type RangeMatcher } from '../semver/range-matcher.ts';
import { checkFromSpaces } from './check-from-spaces.ts';
import { explainMissingParts, type MissingPart } from './explain-missing-parts.ts';
import { createPartLookup, type PartLookup } from './part-lookup.ts';
import type { RecipeRights } from './recipe-rights.ts';

/** Work of comparing ranges with versions for one recipe, which the event loop does. */
const maxRangeMatchingWork = 1_000_000;

/**
 * Adds the missing parts to a plan, level by level. First come those of the sources, then those of what was found.
 * Each level costs two queries, and one more for each further space that must be searched.
 * @param plan plan of the same recipe
 * @returns the same plan where the recipe resolves nothing
 * @throws {RegistryError} `dependency.notFound`, `dependency.cycle`; `source.notFound` for a space of `save.from`;
 *   `access.denied`; `recipe.invalid` and `request.tooDeep` beyond the limits of recipes; `resource.locked` where a source
 *   is being replaced
 */
export async function addMissingParts<C extends Configuration>(
  db: Queryable,
  recipe: Recipe<Configuration>,
  plan: Plan<C>,
  rights: RecipeRights,
): Promise<Plan<C>> {
  if (!resolvesParts(recipe.root)) return plan;
  await checkFromSpaces(db, recipe.from ?? [], rights);
  const lookup = createPartLookup(db, recipe.from ?? [], rights);
  const gaps = createGaps(recipe, plan);
  const ranges = createRangeMatcher(maxRangeMatchingWork);
  let total = 0;
  for (let level = [...gaps.values()]; level.length > 0; ) {
    const absent = await findAbsentOfLevel(level, lookup, ranges);
    const found = await findPartsOfLevel(db, absent, lookup, rights);
    level = fillGaps(absent, found);
    total += level.length;
    checkNodeAndPartCount(plan.root, total, level);
    for (const { source, pointer } of distinctGapsByChart(level))
      await rights.checkCopy({ ...source, pointer });
  }
  return { ...plan, root: copyWithParts(plan.root, gaps) };
}

/**
 * Lists what the charts of a level declare and neither their archives nor the recipe contain.
 * @throws {RegistryError} `recipe.invalid` for more than a recipe may have
 */
async function findAbsentOfLevel(
  level: readonly Gap[],
  lookup: PartLookup,
  ranges: RangeMatcher,
): Promise<AbsentEntry[]> {
  const contents = await lookup.describe(level.map(({ source }) => source));
  const absent: AbsentEntry[] = [];
  for (const [index, gap] of level.entries()) {
    const { entries = [], inside = [] } = contents[index] ?? {};
    if (entries.length > recipeLimits.nodes) throw tooManyParts(gap.pointer);
    const missing = findAbsentEntries(entries, inside, ranges);
    if (!missing) throw tooManyRanges(gap.pointer, versionNameOf(gap.source));
    for (const entry of missing) if (!gap.taken.has(effectiveNameOf(entry))) absent.push({ gap, entry });
    if (absent.length > recipeLimits.nodes) throw tooManyParts(gap.pointer);
  }
  return absent;
}

/** Finds the parts of a level. @throws {RegistryError} `dependency.notFound` */
async function findPartsOfLevel(
  db: Queryable,
  absent: readonly AbsentEntry[],
  lookup: PartLookup,
  { mayRead }: RecipeRights,
): Promise<Map<AbsentEntry, StoredSource>> {
  const wanted = absent.map(({ gap, entry }) => ({
    space: gap.source.space,
    chart: entry.name,
    range: entry.version ?? '',
  }));
  const sources = await lookup.find(wanted);
  const found = new Map<AbsentEntry, StoredSource>();
  const lost: MissingPart[] = [];
  for (const [index, item] of absent.entries()) {
    const source = sources[index];
    const part = wanted[index];
    if (source) found.set(item, source);
    else if (part) {
      const { gap, entry } = item;
      const { chart, range } = part;
      const name = effectiveNameOf(entry);
      const declaredBy = versionNameOf(gap.source);
      lost.push({ pointer: gap.pointer, chart, range, name, declaredBy, spaces: lookup.spacesOf(part) });
    }
  }
  const [first, ...others] = lost;
  if (first) throw await explainMissingParts(db, [first, ...others], mayRead);
  return found;
}

/** Keeps the first gap of each chart. */
function distinctGapsByChart(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.source.space}/${gap.source.chart}`, gap])).values()];
}
