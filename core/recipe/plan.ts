import type { Digest } from '../blobs/port.ts';
import type { JsonObject } from '../chart/json.ts';

/** How configuration lands in the new chart's values.yaml. */
export type ValuesMode = 'merge' | 'replace' | 'literal';

/** Where a node's files come from: a stored version, or a subchart inside the parent node's own source. */
export type PlannedSource =
  | { kind: 'stored'; space: string; chart: string; version: string; digest: Digest }
  | { kind: 'subchart'; chart: string; version: string };

export interface PlannedNode {
  source: PlannedSource;
  config?: JsonObject;
  /** By their names in the new chart, in order of name. */
  children: { name: string; node: PlannedNode }[];
}

/**
 * A recipe after checking: every source is an exact version and digest, so composing needs nothing else and gives the
 * same bytes whenever and wherever it is done. Plain JSON, as it is stored with the job.
 */
export interface Plan {
  space: string;
  chart: string;
  version: string;
  description?: string;
  values: ValuesMode;
  root: PlannedNode;
}
