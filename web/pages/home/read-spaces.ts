import { readStart } from '../../parts/pager.tsx';
import { readKnownWord, readOrder } from '../../parts/read-query.ts';

const limit = 25;

const sorts = ['name', 'charts', 'versions', 'changed'] as const;

/** Reads which spaces the home page shows, from its address. */
export function readSpacesInput(query: Readonly<Record<string, string>>) {
  const sort = readKnownWord(sorts, query.sort) ?? 'name';
  const order = readOrder(query.order) ?? 'asc';
  return { filter: { sort, order }, place: { start: readStart(query.start), limit } };
}
