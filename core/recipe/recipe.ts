import type { JsonObject } from '../yaml/json.ts';
import type { ValuesMode } from './plan.ts';
import type { VersionPick } from './version-pick.ts';

/** What a client asks for, checked as far as that goes without knowing what is stored. */
export interface Recipe {
  /** The new chart's name and strict SemVer 2 version; its space is the one in the request's path. */
  chart: string;
  version: string;
  description?: string;
  values: ValuesMode;
  /** Who is told when the job ends. */
  callback?: { url: string; secret?: string | undefined };
  root: RecipeNode;
}

/** One level of a recipe. */
export interface RecipeNode {
  /** RFC 6901 JSON pointer to the node in the request's body. */
  pointer: string;
  package: RecipePackage;
  config?: JsonObject;
  /** By their names in the new chart, in order of bytes, so that the order of a client's keys changes nothing. */
  children: { name: string; node: RecipeNode }[];
}

export interface RecipePackage {
  /** Whether the registry has it as a chart of its own; otherwise it is a subchart inside the parent's source. */
  independent: boolean;
  space: string;
  chart: string;
  /** As it was sent: what loads as a version is that very version, anything else is `pick`. */
  version: string;
  /** Where the version is a range or `latest`. */
  pick?: VersionPick;
  /** Whether the source's own subcharts stay where the recipe does not name them. */
  keep?: true;
}

/** How large a recipe may be; each is far above what a person writes and far below what hurts the server. */
export const recipeLimits = {
  /** Nodes in all. */
  nodes: 1_000,
  /** Nodes below one another, the root included. */
  nodeDepth: 32,
  /** Maps and lists below one another in one `_config`, itself included. */
  configDepth: 100,
} as const;

/** The deepest nesting of a whole body: its own braces, the nodes, and a configuration in the last of them. */
export const bodyDepth = 1 + recipeLimits.nodeDepth + recipeLimits.configDepth;
