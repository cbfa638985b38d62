import type {
  ChartDetails,
  ChartFilter,
  Facets,
  FoundChart,
  PageOptions,
  SearchQuery,
  SpaceDetails,
  SpaceFilter,
  VersionDetails,
  WhoAmI,
} from '@helm-registry/client';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Range of a list that a page shows. */
export type PageRange = Pick<PageOptions, 'start' | 'limit'>;

/** Names of the facets of a search. */
export const facetNames = ['space', 'keyword', 'type', 'deprecated', 'signed'] as const;

/** Facet of a search. */
export type FacetName = (typeof facetNames)[number];

/** Version as far as a row of its chart shows it. */
export type ListedVersion = Pick<
  VersionDetails,
  'space' | 'chart' | 'version' | 'deprecated' | 'composed' | 'signed' | 'type' | 'icon'
> &
  Partial<Pick<VersionDetails, 'description' | 'preRelease' | 'state'>>;

/** Chart as a row shows it, of a list or of a search. */
export interface ListedChart extends Pick<ChartDetails, 'space' | 'name' | 'versions' | 'updatedAt'> {
  latest: ListedVersion;
}

/** Charts that a search has found, as rows. */
export interface FoundCharts {
  items: ListedChart[];
  total: number;
  facets?: Facets;
  corrected?: string;
}

/** Space by its name. */
export const spaceQuery = createQuery((space: string, signal) => registry.space(space).get({ signal }));

/** Spaces as rows. */
export const spacesQuery = createQuery(({ filter, page }: { filter: SpaceFilter; page: PageRange }, signal) =>
  registry.spaces.list(filter).page({ ...page, signal }),
);

/** Rows of the pages that are searched for a space. The first is small, since most spaces are on it. */
const searchedPageSizes = { first: 100, later: 1_000 };

/** Row of a space by its name; undefined where the reader sees no such space. */
export const spaceRowQuery = createQuery(async (name: string, signal): Promise<SpaceDetails | undefined> => {
  const spaces = registry.spaces.list({ q: name });
  for (let start = 0; ; ) {
    const limit = start === 0 ? searchedPageSizes.first : searchedPageSizes.later;
    const { items, total } = await spaces.page({ start, limit, signal });
    const found = items.find((space) => space.name === name);
    start += items.length;
    // Other names contain the name too, any number of them.
    if (found || items.length === 0 || start >= total) return found;
  }
});

/** Charts of a space as rows. */
export const chartsQuery = createQuery(
  ({ space, filter, page }: { space: string; filter: ChartFilter; page: PageRange }, signal) =>
    registry
      .space(space)
      .charts(filter)
      .page({ ...page, signal }),
);

/** Charts that a search finds. */
export const searchQuery = createQuery(
  async ({ query, page }: { query: SearchQuery; page: PageRange }, signal): Promise<FoundCharts> => {
    const { items, ...rest } = await registry.search(query).page({ ...page, signal });
    return { ...rest, items: items.map(toListedChart) };
  },
);

/** Caller of the page. */
export const whoAmIQuery = createQuery((_: 'me', signal): Promise<WhoAmI> => registry.whoami({ signal }));

function toListedChart({
  space,
  chart,
  version,
  versions,
  updatedAt,
  description,
  ...latest
}: FoundChart): ListedChart {
  const { deprecated, composed, signed, type, icon } = latest;
  const about = description === null ? {} : { description };
  const shown = { space, chart, version, deprecated, composed, signed, type, icon, ...about };
  return { space, name: chart, versions, updatedAt, latest: shown };
}
