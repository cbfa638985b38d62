import type { Digest } from '../blobs/port.ts';
import type { Plan, PlannedNode, StoredSource } from './plan.ts';
import type { Config, Recipe, RecipeNode } from './recipe.ts';
import type { VersionPick } from './version-pick.ts';

/** An independent source, and the first `package` that names it. */
export interface RecipeSource {
  space: string;
  chart: string;
  /** As the recipe has it. */
  version: string;
  pick?: VersionPick;
  pointer: string;
}

/** The stored versions that a recipe needs, each once, so that they can be looked up in one query. */
export function sourcesOf(recipe: Recipe<Config>): RecipeSource[] {
  const found = new Map<string, RecipeSource>();
  const visit = (node: RecipeNode<Config>): void => {
    const { independent, space, chart, version, pick } = node.package;
    const key = `${space}/${chart}/${version}`;
    if (independent && !found.has(key)) {
      found.set(key, {
        space,
        chart,
        version,
        ...(pick ? { pick } : {}),
        pointer: `${node.pointer}/package`,
      });
    }
    for (const child of node.children) visit(child.node);
  };
  visit(recipe.root);
  return [...found.values()];
}

/** A stored version that a recipe asks for: as it was asked, and which one that is. */
export interface ResolvedSource {
  /** The first `package` of the recipe that asks for it. */
  pointer: string;
  space: string;
  chart: string;
  /** The version, range or `latest` of the recipe. */
  requested: string;
  version: string;
  digest: Digest;
}

/** What the sources of a recipe were resolved to, in the order of the recipe. */
export function resolvedSources(recipe: Recipe<Config>, plan: Plan<Config>): ResolvedSource[] {
  const resolved = new Map<string, ResolvedSource>();
  const visit = (node: RecipeNode<Config>, { source, children }: PlannedNode<Config>): void => {
    const { version: requested } = node.package;
    if (source.kind === 'stored') {
      const { space, chart, version, digest } = source;
      const key = `${space}/${chart}/${requested}`;
      const pointer = `${node.pointer}/package`;
      if (!resolved.has(key)) resolved.set(key, { pointer, space, chart, requested, version, digest });
    }
    for (const [index, child] of node.children.entries()) {
      const planned = children[index];
      if (planned) visit(child.node, planned.node);
    }
  };
  visit(recipe.root, plan.root);
  return [...resolved.values()];
}

/** The stored versions that a plan is made from, each once. */
export function storedSources(root: PlannedNode<Config>): StoredSource[] {
  const found = new Map<string, StoredSource>();
  const visit = (node: PlannedNode<Config>): void => {
    if (node.source.kind === 'stored') {
      const { space, chart, version } = node.source;
      found.set(`${space}/${chart}/${version}`, node.source);
    }
    for (const child of node.children) visit(child.node);
  };
  visit(root);
  return [...found.values()];
}
