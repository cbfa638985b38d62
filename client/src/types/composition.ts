import type { Comparison } from './comparison.ts';
import type { JsonObject } from './json.ts';
import type { Recipe } from './recipes.ts';
import type { Metadata, VersionRef } from './versions.ts';

/** Source of a recipe with the stored version that it was resolved to. */
export interface ResolvedSource extends VersionRef {
  /** JSON pointer (RFC 6901) of its `package` in the recipe. */
  pointer: string;
  /** Version, range or `latest` of the recipe. */
  requested: string;
  digest: string;
}

/** Result that may surprise the author of a recipe. */
export interface Warning {
  /** Stable name of the warning, as `template.dropped`. */
  code: string;
  /** JSON pointer (RFC 6901) into the recipe. */
  pointer: string;
  /** Place of the pointer in the text of a recipe in YAML, counted from 1. */
  place?: { line: number; column: number };
  message: string;
  /** Template file in its chart. */
  file?: string;
  line?: number;
  /** Key of the chart's values, its parts joined by dots. */
  value?: string;
  /** Names of templates. */
  templates?: string[];
}

/** Source that is a stored version. */
export interface StoredSource extends VersionRef {
  kind: 'stored';
  digest: string;
}

/** Source of a planned node: a stored version, or a subchart of the parent's source. An umbrella has none. */
export type PlannedSource =
  | StoredSource
  | { kind: 'subchart'; chart: string; version: string }
  | { kind: 'umbrella' };

/** Stored version in the place of dependencies that a source declares and its archive does not contain. */
export interface PlannedPart {
  source: StoredSource;
  entries: { name: string; range: string }[];
  parts?: PlannedPart[];
}

/** Chart in the tree of a plan. */
export interface PlannedNode {
  source: PlannedSource;
  /** Whether subcharts of the source that are not children stay. */
  keep?: true;
  parts?: PlannedPart[];
  config?: JsonObject;
  children: { name: string; node: PlannedNode }[];
}

/** Recipe with every source resolved to an exact version. */
export interface Plan extends VersionRef {
  values: 'merge' | 'replace' | 'literal';
  root: PlannedNode;
}

/** Result of a dry run: the chart that a recipe would make. */
export interface DryRun extends VersionRef {
  /** Archive that would be replaced. */
  replaces?: { digest: string };
  sources: ResolvedSource[];
  plan: Plan;
  metadata: Metadata;
  values: JsonObject;
  warnings: Warning[];
  /** Difference to the version of `against`, or to the replaced one. */
  comparison?: Comparison;
}

/** Lineage of a composed version. Recipe and root of the plan are empty where the reader may not read all that they name. */
export interface Lineage {
  /** Digest of the archive as it was composed. */
  digest: string;
  /** Whether values or metadata were rewritten since. */
  modified: boolean;
  job: string;
  composedAt: string;
  /** As it was sent, without its callback. */
  recipe: Partial<Recipe>;
  plan: Omit<Plan, 'root'> & { root: Partial<PlannedNode> };
  sources: ResolvedSource[];
  warnings: Warning[];
}
