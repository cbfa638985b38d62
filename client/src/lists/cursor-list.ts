import type { CallOptions } from '../transport/options.ts';
import { readJson, type Transport } from '../transport/transport.ts';
import type { ListRequest } from './list.ts';
import { readNextCursor } from './next-page.ts';

/** Part of a list whose length nobody counts. */
export interface CursorPage<Item> {
  items: Item[];
  /** Cursor of the next page; absent on the last. A page may be empty and not the last. */
  next?: string;
}

/** Place and size of a page. */
export interface CursorOptions extends CallOptions {
  /** Cursor of the page; the first page if absent. */
  cursor?: string;
  /** Items at the most. */
  limit?: number;
}

/** List that is read page by page, each leading to the next, or by `for await`. */
export interface CursorList<Item> extends AsyncIterable<Item> {
  page(options?: CursorOptions): Promise<CursorPage<Item>>;
}

/** Items that an iteration asks for at a time; no list of this kind has larger pages. */
const iterationPageSize = 100;

/** Creates a list. Nothing is requested before a page or an item is wanted. */
export function createCursorList<Item>(
  transport: Transport,
  { path, query, ...defaults }: ListRequest,
): CursorList<Item> {
  const page = ({ cursor, limit, ...options }: CursorOptions = {}): Promise<CursorPage<Item>> =>
    transport.send(
      { ...defaults, ...options, path, query: { ...query, cursor, limit } },
      async (response) => {
        const { items } = await readJson<{ items: Item[] }>(response);
        const next = readNextCursor(response);
        return { items, ...(next === undefined ? {} : { next }) };
      },
    );
  return {
    page,
    async *[Symbol.asyncIterator]() {
      let cursor: string | undefined;
      do {
        const { items, next }: CursorPage<Item> = await page({
          limit: iterationPageSize,
          ...(cursor === undefined ? {} : { cursor }),
        });
        yield* items;
        cursor = next;
      } while (cursor !== undefined);
    },
  };
}
