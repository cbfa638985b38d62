import type { CompareOptions, ListPage } from './comparison.ts';

/** Collects a page of a list, and counts the whole list. */
export interface PageCollector<T> {
  /** Adds an item. @param make makes the item; called only where the page has it */
  add(make: () => T): void;
  page: ListPage<T>;
}

/** Creates the collector of one page. */
export function createPageCollector<T>({
  start,
  limit,
}: Pick<CompareOptions, 'start' | 'limit'>): PageCollector<T> {
  const page: ListPage<T> = { total: 0, items: [] };
  return {
    page,
    add(make) {
      if (page.total >= start && page.items.length < limit) page.items.push(make());
      page.total += 1;
    },
  };
}
