import type { SpaceRole, Visibility } from '../access/rights.ts';
import type { Digest } from '../blobs/port.ts';
import type { ComposedState } from '../outdated/source-state.ts';
import type { SpaceQuota } from '../quotas/usage.ts';
import type { Overwriting, RegistryDeps, VersionRef } from '../registry/registry.ts';

/** Order of a list. */
export const orders = ['asc', 'desc'] as const;
/** Order of a list. */
export type Order = (typeof orders)[number];

/** Dependencies of the use cases on details. */
export type DetailsDeps = Pick<RegistryDeps, 'db' | 'actor' | 'suggestible'>;

/** Version as a row of a list shows it. */
export interface VersionDetails extends VersionRef {
  createdAt: string;
  updatedAt: string;
  /** Bytes of the archive. */
  size: number;
  digest: Digest;
  /** Name of the principal that stored the archive; absent where nobody is known. */
  author?: string;
  /** Whether it has a provenance file, or a signature of cosign. */
  signed: boolean;
  composed: boolean;
  deprecated: boolean;
  preRelease: boolean;
  description?: string;
  appVersion?: string;
  kubeVersion?: string;
  type: string;
  keywords: string[];
  /** Whether Chart.yaml names an icon. */
  icon: boolean;
  /** State of a composed version, as far as the reader may know it. */
  state?: ComposedState;
}

/** Chart as a row of a list shows it. */
export interface ChartDetails {
  space: string;
  name: string;
  latest: VersionDetails;
  /** Number of versions. */
  versions: number;
  firstCreatedAt: string;
  updatedAt: string;
}

/** Space as a row of a list shows it. */
export interface SpaceDetails {
  name: string;
  overwriting: Overwriting;
  /** Readers of the space; absent where access is open. */
  visibility?: Visibility;
  charts: number;
  versions: number;
  /** Bytes of all archives. */
  bytes: number;
  createdAt: string;
  changedAt: string;
  /** True for a mirror, whose charts come from elsewhere; absent for other spaces. */
  mirror?: true;
  /** Role of the reader; absent where access is open. */
  role?: SpaceRole;
  /** Use of its quotas; absent for readers who are not members. */
  quota?: SpaceQuota;
}
