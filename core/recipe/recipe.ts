import type { JsonObject } from '../yaml/json.ts';
import type { FollowSettings } from './follow-settings.ts';
import type { MetadataFields } from './parse-metadata.ts';
import type { VersionPick } from './version-pick.ts';

/** Treatment of configuration in the new chart's values.yaml, by `save.values`. */
export type ValuesMode = 'merge' | 'replace' | 'literal';

/**
 * Configuration of a node: data, or its JSON text in a recipe that a thread has read.
 * The event loop passes texts on unread, because copying a large configuration would block it.
 */
export type Configuration = JsonObject | string;

/** A client's recipe, checked as far as possible without the database. */
export interface Recipe<C extends Configuration = JsonObject> {
  /** The new chart's name and strict SemVer 2 version; its space is the one in the request's path. */
  chart: string;
  version: string;
  description?: string;
  /** Further keys of the new Chart.yaml; each takes the place of the root source's. */
  metadata?: MetadataFields;
  values: ValuesMode;
  /** Whether the chart may take the place of an existing version. */
  replace?: true;
  /** When the chart is composed anew after its version was stored. */
  follow?: FollowSettings;
  /** Spaces that are searched for missing parts after the space of the chart that declares them, in order. */
  from?: readonly string[];
  /** URL that is called when the job ends, and the secret that signs the call. */
  callback?: { url: string; secret?: string | undefined };
  root: RecipeNode<C>;
}

/** A level of a recipe: a source chart, its configuration and its children. */
export interface RecipeNode<C extends Configuration = JsonObject> {
  /** RFC 6901 JSON pointer to the node in the request's body. */
  pointer: string;
  /** Left out only in the root of an umbrella. */
  package?: RecipePackage;
  config?: C;
  /** Children by their names in the new chart, sorted by bytes, so the order of a client's keys changes nothing. */
  children: { name: string; node: RecipeNode<C> }[];
}

/** The source of a node, as the recipe has it. */
export interface RecipePackage {
  /** Whether the source is a stored chart; otherwise it is a subchart inside the parent's source. */
  independent: boolean;
  /** The new chart's space where the recipe has none. */
  space: string;
  chart: string;
  /** Version, range or `latest`, as the client sent it. */
  version: string;
  /** Set unless the version is a whole SemVer 2 version, which is exact. */
  pick?: VersionPick;
  /**
   * Whether a version of exactly this text wins over `pick`.
   * Helm loads `1.2` as a version and reads it as a range in a dependency.
   */
  orExact?: true;
  /** Whether subcharts of the source stay unless the recipe names them. */
  keep?: true;
  /** Whether missing parts are taken from the registry: what the source declares and its archive does not contain. */
  resolve?: true;
}

/** Limits of a recipe, far above hand-written recipes and far below those that harm the server. */
export const recipeLimits = {
  /** Number of nodes and missing parts. */
  nodes: 1_000,
  /** Nodes below one another, the root and missing parts included. */
  nodeDepth: 32,
  /** Maps and lists below one another in one `_config`, the outermost map included. */
  configDepth: 100,
  /** Spaces in `save.from`. */
  from: 20,
} as const;

/** Largest nesting of a whole body: its braces, the nodes, and a configuration in the last node. */
export const maxBodyDepth = 1 + recipeLimits.nodeDepth + recipeLimits.configDepth;
