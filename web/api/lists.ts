import { createQuery } from './query.ts';
import { type QueryParameters, request, withQuery } from './request.ts';
import type { ChartDetails, FoundCharts, Page, SpaceDetails, WhoAmI } from './shapes.ts';

/** Path of a space below `/api/v1`. */
export const spacePath = (space: string) => `/spaces/${encodeURIComponent(space)}`;

/** Path of a version below `/api/v1`. */
export const versionPath = (space: string, chart: string, version: string) =>
  `${spacePath(space)}/charts/${encodeURIComponent(chart)}/versions/${encodeURIComponent(version)}`;

/** Spaces as rows. */
export const spacesQuery = createQuery((query: QueryParameters, signal) =>
  request<Page<SpaceDetails>>(withQuery('/details', query), { signal }),
);

/** Charts of a space as rows. */
export const chartsQuery = createQuery(({ space, ...query }: QueryParameters & { space: string }, signal) =>
  request<Page<ChartDetails>>(withQuery(`${spacePath(space)}/details`, query), { signal }),
);

/** Charts that a search finds. */
export const searchQuery = createQuery((query: QueryParameters, signal) =>
  request<FoundCharts>(withQuery('/search', query), { signal }),
);

/** Caller of the page. */
export const whoAmIQuery = createQuery((_: 'me', signal) => request<WhoAmI>('/whoami', { signal }));
