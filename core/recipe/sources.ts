import type { Digest } from '../blobs/port.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import type { Plan, PlannedNode, PlannedPart, StoredSource } from './plan.ts';
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
export function listRecipeSources(recipe: Recipe<Configuration>): RecipeSource[] {
  const found = new Map<string, RecipeSource>();
  const visit = (node: RecipeNode<Configuration>): void => {
    if (node.package?.independent) {
      const { space, chart, version, pick, orExact } = node.package;
      const key = `${space}/${chart}/${version}`;
      const source = { space, chart, version, ...(pick ? { pick } : {}), ...(orExact ? { orExact } : {}) };
      if (!found.has(key)) found.set(key, { ...source, pointer: `${node.pointer}/package` });
    }
    for (const child of node.children) visit(child.node);
  };
  visit(recipe.root);
  return [...found.values()];
}

/** A source of a recipe with the stored version that it was resolved to. */
export interface ResolvedSource {
  /** The first `package` of the recipe that names the source, or whose missing part it is. */
  pointer: string;
  space: string;
  chart: string;
  /** The version, range or `latest` of the recipe; of a missing part the declared range. */
  requested: string;
  version: string;
  digest: Digest;
}

/** Lists the sources of a recipe with their resolved versions, in the recipe's order. Parts follow their node. */
export function resolvedSources(recipe: Recipe<Configuration>, plan: Plan<Configuration>): ResolvedSource[] {
  const resolved = new Map<string, ResolvedSource>();
  const add = (pointer: string, requested: string, source: StoredSource): void => {
    const { space, chart, version, digest } = source;
    // A range means the same version everywhere, but `1.2` is a version in a recipe, and a range in Chart.yaml.
    const key = `${space}/${chart}/${version}/${requested}`;
    if (!resolved.has(key)) resolved.set(key, { pointer, space, chart, requested, version, digest });
  };
  const visit = (node: RecipeNode<Configuration>, planned: PlannedNode<Configuration>): void => {
    const { source, children, parts = [] } = planned;
    const pointer = `${node.pointer}/package`;
    if (source.kind === 'stored' && node.package) add(pointer, node.package.version, source);
    for (const part of flattenParts(parts))
      for (const { range } of part.entries) add(pointer, range, part.source);
    for (const [index, child] of node.children.entries()) {
      const below = children[index];
      if (below) visit(child.node, below.node);
    }
  };
  visit(recipe.root, plan.root);
  return [...resolved.values()];
}

/** Lists the stored versions that a plan is made from, each once. */
export function storedSources(root: PlannedNode<Configuration>): StoredSource[] {
  const found = new Map<string, StoredSource>();
  const add = (source: StoredSource): void => {
    found.set(`${source.space}/${source.chart}/${source.version}`, source);
  };
  const visit = (node: PlannedNode<Configuration>): void => {
    if (node.source.kind === 'stored') add(node.source);
    for (const part of flattenParts(node.parts ?? [])) add(part.source);
    for (const child of node.children) visit(child.node);
  };
  visit(root);
  return [...found.values()];
}

/** Finds the first `package` that is made from an archive. Missing parts of it count. @returns its pointer */
export function findPackagePointer(
  node: PlannedNode<Configuration>,
  digest: Digest,
  pointer = '/configs',
): string | undefined {
  const sources = [node.source, ...flattenParts(node.parts ?? []).map(({ source }) => source)];
  if (sources.some((source) => source.kind === 'stored' && source.digest === digest))
    return `${pointer}/package`;
  for (const child of node.children) {
    const found = findPackagePointer(child.node, digest, appendPointer(pointer, child.name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lists parts, each with those of its own before the next. */
function flattenParts(parts: readonly PlannedPart[]): PlannedPart[] {
  return parts.flatMap((part) => [part, ...flattenParts(part.parts ?? [])]);
}
