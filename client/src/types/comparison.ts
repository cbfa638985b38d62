import type { Json, JsonObject } from './json.ts';
import type { VersionRef } from './versions.ts';

/** Kind of a difference. */
export type ChangeKind = 'added' | 'removed' | 'changed';

/** Name of a list of a comparison. */
export type ComparedPart = 'metadata' | 'dependencies' | 'subcharts' | 'values' | 'files';

/** Version that is compared, with its archive. */
export interface ComparedVersion extends VersionRef {
  digest: string;
  size: number;
}

/** Changed key of Chart.yaml or of the values. */
export interface KeyChange {
  /** JSON pointer (RFC 6901) of the key. */
  pointer: string;
  change: ChangeKind;
  from?: Json;
  to?: Json;
  /** Set where something is cut or left out for its length. */
  truncated?: true;
}

/** Changed entry of the declared dependencies. */
export interface DependencyChange {
  /** Alias of the entry, or its name. */
  name: string;
  change: ChangeKind;
  from?: JsonObject;
  to?: JsonObject;
  truncated?: true;
}

/** Changed chart inside the chart; `changed` is other files under the same version. */
export interface SubchartChange {
  path: string;
  name: string;
  change: ChangeKind | 'upgraded' | 'downgraded';
  /** Version on each side. */
  from?: string;
  to?: string;
}

/** Size and digest of a file. */
export interface FileFacts {
  size: number;
  digest: string;
}

/** Changed file. */
export interface FileChange {
  path: string;
  kind: 'template' | 'crd' | 'other';
  change: ChangeKind;
  from?: FileFacts;
  to?: FileFacts;
  /** Set where a side is not UTF-8 text. */
  binary?: true;
  /** Unified diff. */
  diff?: string;
  truncated?: true;
}

/** List of a comparison, of which a page is there. */
export interface ComparedList<Item> {
  total: number;
  items: Item[];
}

/** Difference between two versions, from the first to the second. */
export interface Comparison {
  from: ComparedVersion;
  to: ComparedVersion;
  /** Whether a value or a diff of this page is cut or left out. */
  truncated: boolean;
  metadata?: ComparedList<KeyChange>;
  dependencies?: ComparedList<DependencyChange>;
  subcharts?: ComparedList<SubchartChange>;
  values?: ComparedList<KeyChange>;
  files?: ComparedList<FileChange>;
}

/** Second version of a comparison, if it is of another chart, and the wanted part. */
export interface CompareQuery {
  space?: string;
  chart?: string;
  /** Items of each list to pass over; 0 if absent. */
  start?: number;
  /** Items of each list at the most; 100 if absent, 1,000 at the most. */
  limit?: number;
  /** Only list that is answered. */
  only?: ComparedPart;
  /** Path of the only file that is answered. */
  file?: string;
}
