import type { ChartFilter, Order } from '@helm-registry/client';

type AddressQuery = Readonly<Record<string, string>>;

/** Reads a word of the address that is one of some. */
export function readKnownWord<Word extends string>(
  words: readonly Word[],
  text: string | undefined,
): Word | undefined {
  return words.find((word) => word === text);
}

/** Reads the order of a list. */
export const readOrder = (text: string | undefined): Order | undefined =>
  readKnownWord(['asc', 'desc'], text);

/** Parameters of the address that choose charts. */
export const chartFilterNames = ['q', 'type', 'deprecated', 'signed', 'keyword', 'since'] as const;

/** Tells whether an address chooses some charts only. */
export const hasChartFilters = (query: AddressQuery) =>
  chartFilterNames.some((name) => (query[name] ?? '') !== '');

/** Reads what an address chooses of charts. */
export function readChartFilter(query: AddressQuery): Omit<ChartFilter, 'sort' | 'order'> {
  const { q, type, keyword, since } = query;
  const [deprecated, signed] = [readBoolean(query.deprecated), readBoolean(query.signed)];
  return {
    ...(q && { q }),
    ...(type && { type }),
    ...(keyword && { keyword }),
    ...(since && { since }),
    ...(deprecated !== undefined && { deprecated }),
    ...(signed !== undefined && { signed }),
  };
}

function readBoolean(text: string | undefined): boolean | undefined {
  if (text === 'true') return true;
  return text === 'false' ? false : undefined;
}
