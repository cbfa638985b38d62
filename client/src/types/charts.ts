import type { ChartLink, VersionDetails } from './versions.ts';

/** Policy of a space on overwriting its versions. */
export type Overwriting = 'mutable' | 'immutable';
/** Readers of a space besides its members: everybody, everybody who is logged in, or nobody. */
export type Visibility = 'public' | 'internal' | 'private';
/** Role in a space, each with all rights of those before it. */
export type SpaceRole = 'reader' | 'publisher' | 'maintainer' | 'owner';

/** Settings of a space; what is absent stays as it is, or has its default. */
export interface SpaceSettings {
  overwriting?: Overwriting;
  visibility?: Visibility;
}

/** Changes of a space; quotas are for admins of the registry. */
export interface SpaceChanges extends SpaceSettings {
  /** Null for the default of the registry, 0 for none; what is absent stays. */
  quota?: { bytes?: number | null; versions?: number | null };
}

/** Use of a quota; `limit` is null where there is none. */
export interface QuotaUse {
  used: number;
  limit: number | null;
}

/** Use of the quotas of a space. */
export interface SpaceQuota {
  /** Bytes of its blobs, each counted once. */
  bytes: QuotaUse;
  versions: QuotaUse;
}

/** Space with its settings and counts. */
export interface Space {
  name: string;
  overwriting: Overwriting;
  /** Absent where access is open, for everybody reads everything there. */
  visibility?: Visibility;
  charts: number;
  versions: number;
  /** True for a mirror, whose charts come from elsewhere; absent for other spaces. */
  mirror?: true;
  /** Absent for readers who are not members. */
  quota?: SpaceQuota;
}

/** Row of a list of spaces. */
export interface SpaceDetails extends Space {
  /** Bytes of all archives. */
  bytes: number;
  createdAt: string;
  changedAt: string;
  /** Role of the reader, if it has one. */
  role?: SpaceRole;
}

/** OCI repository of a space that is deeper than `SPACE/NAME`; what is in it is not a chart of the space. */
export interface DeeperRepository {
  /** Name below the space, such as `team/web`. */
  name: string;
  /** The first 20: versions, the highest first, and then other tags. Those of signatures are left out. */
  tags: string[];
  /** All tags; counted up to 500. */
  tagCount: number;
  /** Type of the artifact under a tag, a version if there is one; null where there is no tag. */
  artifactType: string | null;
}

/** Row of a list of charts. */
export interface ChartDetails {
  space: string;
  name: string;
  latest: VersionDetails;
  /** Number of versions. */
  versions: number;
  firstCreatedAt: string;
  updatedAt: string;
}

/** Place in which the words of a search were found, the best first. */
export type SearchMatch = 'name' | 'prefix' | 'word' | 'keyword' | 'description';

/** Chart that a search found, as its latest version. */
export interface FoundChart extends ChartLink {
  /** Absent for a search without words. */
  match?: SearchMatch;
  /** Time at which the latest version was first stored. */
  createdAt: string;
  /** Time at which any version of the chart was last stored. */
  updatedAt: string;
  /** Number of versions. */
  versions: number;
  description: string | null;
  appVersion: string | null;
  type: string;
  keywords: string[] | null;
  deprecated: boolean;
  signed: boolean;
  composed: boolean;
  icon: boolean;
}

/** Value of a facet, and the number of found charts that have it. */
export interface FacetCount<Value extends string | boolean = string | boolean> {
  value: Value;
  count: number;
}

/** Values that the results of a search have, the most frequent first, at most 50 of each field. */
export interface Facets {
  space: FacetCount<string>[];
  keyword: FacetCount<string>[];
  type: FacetCount<string>[];
  deprecated: FacetCount<boolean>[];
  signed: FacetCount<boolean>[];
}

/** Order of a list. */
export type Order = 'asc' | 'desc';

/** Filter and order of a list of spaces. */
export interface SpaceFilter {
  /** Part of the name. */
  q?: string;
  sort?: 'name' | 'changed' | 'charts' | 'versions';
  order?: Order;
}

/** Filter and order of a list of charts. */
export interface ChartFilter {
  /** Part of the name. */
  q?: string;
  keyword?: string;
  type?: string;
  deprecated?: boolean;
  signed?: boolean;
  /** Time since which the chart was changed (ISO 8601). */
  since?: string;
  sort?: 'name' | 'updated' | 'created' | 'versions';
  order?: Order;
}

/** Filter and order of a list of versions. */
export interface VersionFilter {
  /** Part of the version. */
  q?: string;
  /** Constraint as Helm reads it, such as `^1.2`. */
  range?: string;
  /** False leaves pre-releases out. */
  preRelease?: boolean;
  sort?: 'version' | 'created';
  order?: Order;
}

/** Words, filter and order of a search. */
export interface SearchQuery {
  /** Words, or their beginnings, all of which must be found; all charts without it. */
  q?: string;
  space?: string;
  keyword?: string;
  type?: string;
  deprecated?: boolean;
  signed?: boolean;
  /** Time since which the chart was changed (ISO 8601). */
  since?: string;
  sort?: 'relevance' | 'name' | 'updated';
  order?: Order;
  /** Whether pages bring facets. */
  facets?: boolean;
}
