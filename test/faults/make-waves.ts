import type { Random } from '../support/random.ts';
import { makeReplacing, makeUploads, makeWide, readUploads } from './make-charts.ts';
import { makeRecipes } from './make-recipes.ts';
import type { Operation } from './operations.ts';
import type { Options } from './options.ts';

/** Spaces of composed charts; uploads create their spaces themselves. */
export const recipeSpaces = ['shop', 'team'] as const;

/** Number of versions that are replaced repeatedly. */
const moving = 3;

/**
 * Makes all operations of the clients, in waves. An operation needs only operations of its own or of earlier waves.
 * @param count number of waves
 */
export async function makeWaves(random: Random, options: Options, count: number): Promise<Operation[][]> {
  const wide = await makeWide();
  const generated = await makeUploads(random.branch('uploads'), options.uploads);
  const stored = options.charts === undefined ? [] : await readUploads(options.charts);
  const uploads = random.branch('order').shuffle([...generated.slice(3), ...stored]);
  // Uploads of each kind come first, so that every sort of recipe can be made from the beginning.
  const first = generated.slice(0, 3);
  const sources = [...first, ...uploads];
  const recipes = makeRecipes(random.branch('recipes'), options.orchestrations, sources, wide.ref);
  const replacing = await Promise.all(
    Array.from({ length: moving }, (_, index) =>
      makeReplacing(random.branch(`moving-${index}`), index, Math.ceil(options.uploads / 6)),
    ),
  );
  const waves = Array.from({ length: count }, (_, wave): Operation[] => [
    ...share(sources, wave, count).filter((source) => !first.includes(source)),
    ...share(recipes, wave, count),
  ]);
  waves[0]?.unshift(wide, ...replacing, ...first);
  return waves;
}

function share<T>(items: readonly T[], part: number, parts: number): T[] {
  const at = (number: number) => Math.round((items.length * number) / parts);
  return items.slice(at(part), at(part + 1));
}
