import type { ChartWork } from '../chart-work/chart-work.ts';
import { findRecipePlaces } from '../chart-work/find-recipe-places.ts';
import { addPlacesToWarnings, createPlaceLookup } from '../recipe/place-pointers.ts';
import type { Warning } from '../recipe/warning.ts';
import type { Submission } from './submission.ts';

/** Adds to warnings of a recipe their places in its text, if that is YAML. */
export async function locateWarnings(
  charts: Pick<ChartWork, 'findPlaces'>,
  { space, yamlText, places }: Pick<Submission, 'space' | 'yamlText' | 'places'>,
  warnings: readonly Warning[],
): Promise<readonly Warning[]> {
  if (yamlText === undefined) return warnings;
  // Most are about nodes, whose places are known; the text is read again only for others.
  const located = addPlacesToWarnings(warnings, createPlaceLookup(places));
  const others = located.flatMap(({ place, pointer }) => (place || pointer === '' ? [] : [pointer]));
  return addPlacesToWarnings(located, await findRecipePlaces(charts, { space, text: yamlText }, others));
}
