import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import type { Json, JsonObject } from '../yaml/json.ts';

/** Number of the form of a comparison. Raise it with every change of what is answered for equal archives. */
export const comparisonForm = 1;

/** Lists of a comparison. */
export const comparedParts = ['metadata', 'dependencies', 'subcharts', 'values', 'files'] as const;

/** Name of a list of a comparison. */
export type ComparedPart = (typeof comparedParts)[number];

/** Version that is compared, and its archive. */
export interface ComparedVersion {
  space: string;
  chart: string;
  version: string;
  /** Digest of the archive. */
  digest: Digest;
  /** Bytes of the archive. */
  size: number;
}

/** A version with the chart in its archive. */
export interface ComparedChart {
  version: ComparedVersion;
  chart: Chart;
}

/** Part of a comparison that a request wants. */
export interface CompareOptions {
  /** Items of each list to pass over. */
  start: number;
  /** Largest number of items of each list. */
  limit: number;
  /** The only list to make; all by default. */
  only?: ComparedPart | undefined;
  /** Path of the only file to compare; its diff may be as long as those of a whole page. */
  file?: string | undefined;
}

/** Page that a dry run compares, and a request that names none. */
export const defaultCompareLimit = 100;

/** Largest number of items on a page of each list. */
export const maxCompareLimit = 1_000;

/** Kind of a difference. */
export type ChangeKind = 'added' | 'removed' | 'changed';

/** Changed key of Chart.yaml or of the values. A side that lacks the key has no value here. */
export interface KeyChange {
  /** Place of the key, as a JSON pointer. */
  pointer: string;
  change: ChangeKind;
  from?: Json;
  to?: Json;
  /** Set where the values are left out, or the pointer is cut, for their length. */
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

/** Changed chart inside the chart, at any depth. */
export interface SubchartChange {
  /** Folder, such as `charts/db`; an archive in `charts/` has the folder of its chart's name. */
  path: string;
  name: string;
  /** `changed` is another content under the version that it had. */
  change: ChangeKind | 'upgraded' | 'downgraded';
  /** Version on each side. */
  from?: string;
  to?: string;
}

/** Kind of a file, by what Helm does with it. */
export type ChangedFileKind = 'template' | 'crd' | 'other';

/** Size and digest of a file's content. */
export interface FileFacts {
  size: number;
  digest: Digest;
}

/** Changed file of the chart or of a chart inside it. */
export interface FileChange {
  path: string;
  kind: ChangedFileKind;
  change: ChangeKind;
  from?: FileFacts;
  to?: FileFacts;
  /** Set where a side is not UTF-8 text; there is no diff then. */
  binary?: true;
  /** Unified diff, which `git apply` and `patch -p1` read. */
  diff?: string;
  /** Set where the diff is cut or left out for its length. */
  truncated?: true;
}

/** Comparison as JSON. */
export interface ComparisonText {
  json: Uint8Array<ArrayBuffer>;
  /** Start of the next page; absent where no list has more. */
  next?: number | undefined;
}

/** Page of a list, and the length of the whole list. */
export interface ListPage<T> {
  total: number;
  items: T[];
}

/** Difference between two versions; each list has a page. */
export interface Comparison {
  from: ComparedVersion;
  to: ComparedVersion;
  /** Whether a value or a diff of this page is cut or left out. */
  truncated: boolean;
  metadata?: ListPage<KeyChange>;
  dependencies?: ListPage<DependencyChange>;
  subcharts?: ListPage<SubchartChange>;
  values?: ListPage<KeyChange>;
  files?: ListPage<FileChange>;
}
