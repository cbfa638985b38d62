import { detailsQuery, pickLatest, versionsPerPage, versionsQuery } from '../api/chart.ts';
import { spacesQuery, whoAmIQuery } from '../api/lists.ts';
import { readSpacesInput } from '../pages/home/read-spaces.ts';
import { isDecodable } from './is-decodable.ts';
import { findPage } from './routes.tsx';

/**
 * Starts the first requests of an address's page, and loads its code. The page would start them once it is rendered,
 * one after the other.
 */
export function loadPageAhead({ pathname, search }: Location): void {
  const page = isDecodable(pathname) ? findPage(pathname) : undefined;
  if (page?.name === 'home')
    void spacesQuery.loadAhead(readSpacesInput(Object.fromEntries(new URLSearchParams(search))));
  const { space, chart, version } = page?.params ?? {};
  if (page?.name === 'chart' && space && chart) void loadChartAhead(space, chart, version);
  void whoAmIQuery.loadAhead('me');
  // After the data: browsers open six connections, and the code takes several.
  page?.preload?.();
}

async function loadChartAhead(space: string, chart: string, version: string | undefined): Promise<void> {
  const versions = versionsQuery.loadAhead({ space, chart, limit: versionsPerPage });
  // The page tells a problem when it takes the answer.
  const shown = version || pickLatest(await versions.catch(() => undefined));
  if (shown) void detailsQuery.loadAhead({ space, chart, version: shown });
}
