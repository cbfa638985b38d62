/** Page of a list. */
export interface Page<T> {
  metadata: { total: number; itemsLength: number };
  items: readonly T[];
}

/** Row of a space. */
export interface SpaceDetails {
  name: string;
  visibility: 'private' | 'internal' | 'public';
  overwriting: string;
  charts: number;
  versions: number;
  bytes: number;
  createdAt: string;
  changedAt: string;
  role?: string;
}

/** Row of a version. */
export interface VersionDetails {
  space: string;
  chart: string;
  version: string;
  createdAt: string;
  updatedAt: string;
  size: number;
  digest: string;
  author?: string;
  signed: boolean;
  composed: boolean;
  deprecated: boolean;
  preRelease: boolean;
  description?: string;
  appVersion?: string;
  kubeVersion?: string;
  type: string;
  keywords: readonly string[];
  icon: boolean;
  state?: ComposedStateName;
}

/** Row of a chart. */
export interface ChartDetails {
  space: string;
  name: string;
  latest: VersionDetails;
  versions: number;
  firstCreatedAt: string;
  updatedAt: string;
}

/** Number of found charts with a value. */
export interface FacetCount {
  value: string | boolean;
  count: number;
}

/** Names of the facets of a search. */
export const facetNames = ['space', 'keyword', 'type', 'deprecated', 'signed'] as const;

/** Facet of a search. */
export type FacetName = (typeof facetNames)[number];

/** Page of found charts. */
export interface FoundCharts extends Page<ChartDetails> {
  facets?: Partial<Record<FacetName, readonly FacetCount[]>>;
  corrected?: string;
}

/** Whether a composed version is up to date. */
export type ComposedStateName = 'outdated' | 'newer' | 'current';

/** Caller as the registry knows it. */
export interface WhoAmI {
  kind: 'anonymous' | 'open' | 'user' | 'account';
  name?: string;
  registryRoles?: readonly string[];
  spaces?: readonly { space: string; role: string }[];
}
