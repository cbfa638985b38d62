import type { Json, JsonObject } from './json.ts';

/** Source of a node. */
export interface RecipePackage {
  /** Whether it is a stored chart; false takes the subchart of the parent's source. */
  independent: boolean;
  /** Space of the source; that of the new chart if absent. */
  space?: string;
  chart: string;
  /** Version, range as Helm reads it, or `latest`. */
  version: string;
  /** Fate of the source's own subcharts that the recipe does not name; `drop` if absent. */
  subcharts?: 'keep' | 'resolve' | 'drop';
}

/** Chart in the tree of a recipe. Every key besides these two is a child under its name in the new chart. */
export interface RecipeNode {
  /** Absent for an umbrella. */
  package?: RecipePackage | null;
  /** Values that the recipe sets. */
  _config?: JsonObject;
  [child: string]: RecipeNode | RecipePackage | JsonObject | null | undefined;
}

/** Settings of a follow: when a chart is composed anew, and under which version. */
export interface FollowSettings {
  /** Largest step of a source that counts. */
  on: 'patch' | 'minor' | 'any';
  next: 'patch' | 'minor' | 'same-as-source';
  /** Time from the first change to its composition, such as `10m`. */
  wait: string;
  prereleases: boolean;
  /** Number of versions made by following that are kept; all if absent. */
  keep?: number;
}

/** Address that is called when a job ends. */
export interface Callback {
  url: string;
  secret?: string;
}

/** Name and metadata of the chart that a recipe makes. */
export interface RecipeTarget {
  chart: string;
  version: string;
  description?: string;
  appVersion?: string;
  keywords?: string[];
  icon?: string;
  annotations?: Record<string, string>;
  /** Only for a root without a source. */
  type?: 'application' | 'library';
  values?: 'merge' | 'replace' | 'literal';
  /** Whether a version that exists is replaced, in a mutable space. */
  replace?: boolean;
  follow?: Partial<FollowSettings>;
  /** Spaces in which `resolve` looks for missing parts. */
  from?: string[];
}

/** Recipe: which chart is composed from which sources. */
export interface Recipe {
  save: RecipeTarget;
  configs: RecipeNode;
  callback?: Callback;
}

/** Change of a recipe whose chart is composed again. Either `next` or `version` is needed. */
export interface Recomposition {
  /** Step from the highest version of the line. */
  next?: 'patch' | 'minor' | 'major' | 'prerelease';
  version?: string;
  /** JSON merge patch (RFC 7396) of the recipe. */
  changes?: { [key: string]: Json };
  callback?: Callback;
}
