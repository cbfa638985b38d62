import type { FindPlace } from '../recipe/place-pointers.ts';
import type { ChartWork } from './chart-work.ts';

/**
 * Finds the places of pointers in the YAML text of a recipe.
 * Without a free thread none is known: errors and warnings are right without their places too.
 */
export async function findRecipePlaces(
  charts: Pick<ChartWork, 'findPlaces'>,
  { space, text }: { space: string; text: string },
  pointers: readonly string[],
): Promise<FindPlace> {
  const distinct = [...new Set(pointers)];
  const places = distinct.length > 0 ? await charts.findPlaces(space, text, distinct).catch(() => []) : [];
  const known = new Map(distinct.map((pointer, index) => [pointer, places[index]]));
  return (pointer) => known.get(pointer);
}
