import type {
  ChartDetails,
  ChartFilter,
  FacetCount,
  FoundChart,
  PageOptions,
  SearchQuery,
  SpaceFilter,
  WhoAmI,
} from '@helm-registry/client';
import { createQuery } from './query.ts';
import { registry } from './registry.ts';

/** Place of a page in its list. */
export type Place = Pick<PageOptions, 'start' | 'limit'>;

/** Names of the facets of a search. */
export const facetNames = ['space', 'keyword', 'type', 'deprecated', 'signed'] as const;

/** Facet of a search. */
export type FacetName = (typeof facetNames)[number];

/** Charts that a search has found, as rows. */
export interface FoundCharts {
  items: ChartDetails[];
  total: number;
  facets?: Record<FacetName, FacetCount[]>;
  corrected?: string;
}

/** Spaces as rows. */
export const spacesQuery = createQuery(({ filter, place }: { filter: SpaceFilter; place: Place }, signal) =>
  registry.spaces.list(filter).page({ ...place, signal }),
);

/** Charts of a space as rows. */
export const chartsQuery = createQuery(
  ({ space, filter, place }: { space: string; filter: ChartFilter; place: Place }, signal) =>
    registry
      .space(space)
      .charts(filter)
      .page({ ...place, signal }),
);

/** Charts that a search finds. */
export const searchQuery = createQuery(
  async ({ query, place }: { query: SearchQuery; place: Place }, signal): Promise<FoundCharts> => {
    const { items, ...page } = await registry.search(query).page({ ...place, signal });
    return { ...page, items: items.flatMap(toRow) };
  },
);

/** Caller of the page. */
export const whoAmIQuery = createQuery((_: 'me', signal): Promise<WhoAmI> => registry.whoami({ signal }));

function toRow({ space, chart, latest, versions, firstCreatedAt, updatedAt }: FoundChart): ChartDetails[] {
  if (!latest || versions === undefined || firstCreatedAt === undefined || updatedAt === undefined) return [];
  return [{ space, name: chart, latest, versions, firstCreatedAt, updatedAt }];
}
