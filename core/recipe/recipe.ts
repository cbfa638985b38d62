import type { JsonObject } from '../yaml/json.ts';
import type { ValuesMode } from './plan.ts';
import type { VersionPick } from './version-pick.ts';

/**
 * Configuration of a node: data, or its JSON text in a recipe that a thread has read. The event loop passes texts on
 * unread, because a large configuration would stop it for the time of a copy.
 */
export type Config = JsonObject | string;

/** Wish of a client, checked as far as that goes without the database. */
export interface Recipe<C extends Config = JsonObject> {
  /** The new chart's name and strict SemVer 2 version; its space is the one in the request's path. */
  chart: string;
  version: string;
  description?: string;
  values: ValuesMode;
  /** Who is told when the job ends. */
  callback?: { url: string; secret?: string | undefined };
  root: RecipeNode<C>;
}

/** Level of a recipe: a source chart, its configuration and its children. */
export interface RecipeNode<C extends Config = JsonObject> {
  /** RFC 6901 JSON pointer to the node in the request's body. */
  pointer: string;
  package: RecipePackage;
  config?: C;
  /** By their names in the new chart, in order of bytes, so that the order of a client's keys changes nothing. */
  children: { name: string; node: RecipeNode<C> }[];
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
