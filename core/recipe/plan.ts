import type { Digest } from '../blobs/port.ts';
import { isObject, type JsonObject } from '../chart/json.ts';
import { RegistryError } from '../errors.ts';
import type { Recipe, RecipeNode } from './recipe.ts';

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

/** A stored version, as the registry knows it. */
export interface FoundSource {
  digest: Digest;
  /** Chart.yaml as JSON; `dependencies` is the tree of the subcharts that are really inside. */
  metadata: JsonObject;
}

export type FindSource = (space: string, chart: string, version: string) => FoundSource | undefined;

/** An independent source, and the first `package` that names it. */
export interface RecipeSource {
  space: string;
  chart: string;
  version: string;
  pointer: string;
}

/** The stored versions that a recipe needs, each once, so that they can be looked up in one query. */
export function sourcesOf(recipe: Recipe): RecipeSource[] {
  const found = new Map<string, RecipeSource>();
  const visit = (node: RecipeNode): void => {
    const { independent, space, chart, version } = node.package;
    const key = `${space}/${chart}/${version}`;
    if (independent && !found.has(key)) {
      found.set(key, { space, chart, version, pointer: `${node.pointer}/package` });
    }
    for (const child of node.children) visit(child.node);
  };
  visit(recipe.root);
  return [...found.values()];
}

/**
 * Resolves every source of a recipe to what is stored now.
 *
 * @param space where the new chart goes.
 * @throws {RegistryError} `source.notFound`, with the pointer of the `package` whose source does not exist, or is not
 *   inside its parent's source under that name and version.
 */
export function planRecipe(recipe: Recipe, space: string, find: FindSource): Plan {
  return {
    space,
    chart: recipe.chart,
    version: recipe.version,
    ...(recipe.description === undefined ? {} : { description: recipe.description }),
    values: recipe.values,
    root: planNode(recipe.root, undefined, find),
  };
}

/** What a node's source is called in messages, and the metadata that says what is inside it. */
interface Origin {
  label: string;
  metadata: JsonObject;
}

function planNode(node: RecipeNode, parent: Origin | undefined, find: FindSource): PlannedNode {
  const { source, origin } = node.package.independent ? findStored(node, find) : findInside(node, parent);
  return {
    source,
    ...(node.config ? { config: node.config } : {}),
    children: node.children.map(({ name, node: child }) => ({ name, node: planNode(child, origin, find) })),
  };
}

function findStored(node: RecipeNode, find: FindSource): { source: PlannedSource; origin: Origin } {
  const { space, chart, version } = node.package;
  const label = `${space}/${chart}/${version}`;
  const found = find(space, chart, version);
  if (!found) throw missing(node, `${label} does not exist`);
  const source: PlannedSource = { kind: 'stored', space, chart, version, digest: found.digest };
  return { source, origin: { label, metadata: found.metadata } };
}

function findInside(node: RecipeNode, parent: Origin | undefined): { source: PlannedSource; origin: Origin } {
  const { chart, version } = node.package;
  if (!parent) throw new Error('a root that is no independent chart has passed the parser');
  const inside = subchartsOf(parent.metadata);
  const metadata = inside.find((entry) => entry.name === chart && entry.version === version);
  if (!metadata) {
    const contents = inside.map((entry) => `${String(entry.name)} ${String(entry.version)}`);
    const what = contents.length > 0 ? `it contains ${contents.join(', ')}` : 'it contains no subcharts';
    throw missing(node, `${parent.label} does not contain ${chart} ${version}: ${what}`);
  }
  const source: PlannedSource = { kind: 'subchart', chart, version };
  return { source, origin: { label: `${chart} ${version} in ${parent.label}`, metadata } };
}

function subchartsOf(metadata: JsonObject): JsonObject[] {
  const { dependencies } = metadata;
  return Array.isArray(dependencies) ? dependencies.filter(isObject) : [];
}

function missing(node: RecipeNode, message: string): RegistryError {
  const pointer = `${node.pointer}/package`;
  return new RegistryError('source.notFound', `${message} (${pointer})`, { pointer });
}

type StoredSource = Extract<PlannedNode['source'], { kind: 'stored' }>;

/** The stored versions that a plan is made from, each once. */
export function storedSources(root: PlannedNode): StoredSource[] {
  const found = new Map<string, StoredSource>();
  const visit = (node: PlannedNode): void => {
    if (node.source.kind === 'stored') {
      const { space, chart, version } = node.source;
      found.set(`${space}/${chart}/${version}`, node.source);
    }
    for (const child of node.children) visit(child.node);
  };
  visit(root);
  return [...found.values()];
}
