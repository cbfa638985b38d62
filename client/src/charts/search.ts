import { createExtendedList, type List, type Page, type PageBody } from '../lists/list.ts';
import type { CallOptions } from '../transport/options.ts';
import type { Transport } from '../transport/transport.ts';
import type { Facets, FoundChart, SearchQuery } from '../types/charts.ts';

/** Page of found charts. */
export interface SearchPage extends Page<FoundChart> {
  /** Counts of what the results could be narrowed to, if they were asked for. */
  facets?: Facets;
  /** Words that were searched for in place of mistyped ones. */
  corrected?: string;
}

type SearchPageBody = PageBody<FoundChart> & Pick<SearchPage, 'facets' | 'corrected'>;

/** Makes the list of charts that a search finds. */
export function searchCharts(
  transport: Transport,
  query: SearchQuery,
  options?: CallOptions,
): List<FoundChart, SearchPage> {
  return createExtendedList<FoundChart, SearchPage, SearchPageBody>(
    transport,
    { ...options, path: '/api/v1/search', query: { ...query } },
    ({ facets, corrected }, page) => ({
      ...page,
      ...(facets === undefined ? {} : { facets }),
      ...(corrected === undefined ? {} : { corrected }),
    }),
  );
}
