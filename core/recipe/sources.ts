import type { Digest } from '../blobs/port.ts';
import type { Plan, PlannedNode, StoredSource } from './plan.ts';
import type { Configuration, Recipe, RecipeNode } from './recipe.ts';
import type { VersionPick } from './version-pick.ts';

/** An independent source, with the first `package` that names it. */
export interface RecipeSource {
  space: string;
  chart: string;
  /** The version, range or `latest` of the recipe. */
  version: string;
  pick?: VersionPick;
  /** Whether a version of exactly this text wins over `pick`. */
  orExact?: true;
  pointer: string;
}

/** Lists the stored versions that a recipe needs, each once, for a single query. */
export function sourcesOf(recipe: Recipe<Configuration>): RecipeSource[] {
  const found = new Map<string, RecipeSource>();
  const visit = (node: RecipeNode<Configuration>): void => {
    if (node.package?.independent) {
      const { independent: _, keep: __, ...source } = node.package;
      const key = `${source.space}/${source.chart}/${source.version}`;
      if (!found.has(key)) found.set(key, { ...source, pointer: `${node.pointer}/package` });
    }
    for (const child of node.children) visit(child.node);
  };
  visit(recipe.root);
  return [...found.values()];
}

/** A source of a recipe with the stored version that it was resolved to. */
export interface ResolvedSource {
  /** The first `package` of the recipe that names the source. */
  pointer: string;
  space: string;
  chart: string;
  /** The version, range or `latest` of the recipe. */
  requested: string;
  version: string;
  digest: Digest;
}

/** Lists the sources of a recipe with their resolved versions, in the recipe's order. */
export function resolvedSources(recipe: Recipe<Configuration>, plan: Plan<Configuration>): ResolvedSource[] {
  const resolved = new Map<string, ResolvedSource>();
  const visit = (node: RecipeNode<Configuration>, { source, children }: PlannedNode<Configuration>): void => {
    if (source.kind === 'stored' && node.package) {
      const { version: requested } = node.package;
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

/** Lists the stored versions that a plan is made from, each once. */
export function storedSources(root: PlannedNode<Configuration>): StoredSource[] {
  const found = new Map<string, StoredSource>();
  const visit = (node: PlannedNode<Configuration>): void => {
    if (node.source.kind === 'stored') {
      const { space, chart, version } = node.source;
      found.set(`${space}/${chart}/${version}`, node.source);
    }
    for (const child of node.children) visit(child.node);
  };
  visit(root);
  return [...found.values()];
}
