import { readStart } from '../../parts/pager.tsx';
import { readKnownWord, readOrder } from '../../parts/read-query.ts';

const limit = 25;

const sorts = ['name', 'charts', 'versions', 'changed'] as const;

/** Parameter of the address for the place in the list of spaces. `start` is that of the charts of an only space. */
export const startOfSpaces = 'spaces';

/** Reads which spaces the home page shows, from its address. */
export function readSpacesInput(query: Readonly<Record<string, string>>) {
  const sort = readKnownWord(sorts, query.sort) ?? 'name';
  const order = readOrder(query.order) ?? 'asc';
  return { filter: { sort, order }, page: { start: readStart(query[startOfSpaces]), limit } };
}
