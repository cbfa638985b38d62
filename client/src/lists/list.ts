import type { Query } from '../transport/address.ts';
import type { CallOptions } from '../transport/options.ts';
import { readJson, type Transport } from '../transport/transport.ts';
import { readNextStart } from './next-page.ts';

/** Part of a list. */
export interface Page<Item> {
  items: Item[];
  /** Length of the whole list; some lists count to 10,000 only. */
  total: number;
  /** Start of the next page; absent on the last. A page may have fewer items than its limit. */
  next?: number;
}

/** Place and size of a page. */
export interface PageOptions extends CallOptions {
  /** Items to pass over; 0 if absent. */
  start?: number;
  /** Items at the most; 10 if absent, 1,000 at the most. */
  limit?: number;
}

/** List that is read page by page: one at a time by `page`, or all items by `for await`. */
export interface List<Item, ItemPage extends Page<Item> = Page<Item>> extends AsyncIterable<Item> {
  page(options?: PageOptions): Promise<ItemPage>;
}

/** Request of a list, whatever the page. */
export interface ListRequest extends CallOptions {
  path: string;
  query?: Query | undefined;
}

/** Page as the registry sends it. */
export interface PageBody<Item> {
  metadata: { total: number; itemsLength: number };
  items: Item[];
}

/** Items that an iteration requests at a time. */
const iterationPageSize = 200;

/** Creates a list. Nothing is requested before a page or an item is wanted. */
export function createList<Item>(transport: Transport, source: ListRequest): List<Item> {
  return createExtendedList<Item, Page<Item>, PageBody<Item>>(transport, source, (_, page) => page);
}

/**
 * Creates a list whose pages bring more than items.
 * @param extend adds that to the page
 */
export function createExtendedList<Item, ItemPage extends Page<Item>, Sent extends PageBody<Item>>(
  transport: Transport,
  { path, query, ...defaults }: ListRequest,
  extend: (sent: Sent, page: Page<Item>) => ItemPage,
): List<Item, ItemPage> {
  const page = ({ start, limit, ...options }: PageOptions = {}): Promise<ItemPage> =>
    transport.send({ ...defaults, ...options, path, query: { ...query, start, limit } }, async (response) => {
      const sent = await readJson<Sent>(response);
      const next = readNextStart(response);
      const { items, metadata } = sent;
      return extend(sent, { items, total: metadata.total, ...(next === undefined ? {} : { next }) });
    });
  return {
    page,
    async *[Symbol.asyncIterator]() {
      for (let start: number | undefined = 0; start !== undefined; ) {
        const { items, next }: Page<Item> = await page({ start, limit: iterationPageSize });
        yield* items;
        start = next;
      }
    },
  };
}
