import type { Digest } from '../blobs/port.ts';
import { isObject, type JsonObject } from '../chart/json.ts';
import { RegistryError } from '../errors.ts';
import type { Recipe, RecipeNode } from './recipe.ts';
import { pickHighest, type VersionPick } from './version-pick.ts';

/** How configuration lands in the new chart's values.yaml. */
export type ValuesMode = 'merge' | 'replace' | 'literal';

/** Where a node's files come from: a stored version, or a subchart inside the parent node's own source. */
export type PlannedSource =
  | { kind: 'stored'; space: string; chart: string; version: string; digest: Digest }
  | { kind: 'subchart'; chart: string; version: string };

export interface PlannedNode {
  source: PlannedSource;
  /** Whether the source's own subcharts that are no children stay. */
  keep?: true;
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
  /** Which version it is, where a range or `latest` was asked for. */
  version?: string;
  digest: Digest;
  /** Chart.yaml as JSON; `dependencies` is the tree of the subcharts that are really inside. */
  metadata: JsonObject;
}

export type FindSource = (space: string, chart: string, version: string) => FoundSource | undefined;

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
export function sourcesOf(recipe: Recipe): RecipeSource[] {
  const found = new Map<string, RecipeSource>();
  const visit = (node: RecipeNode): void => {
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

/**
 * Resolves every source of a recipe to what is stored now.
 *
 * @param find looks a source up by the version as the recipe has it.
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
    ...(node.package.keep ? { keep: true } : {}),
    ...(node.config ? { config: node.config } : {}),
    children: node.children.map(({ name, node: child }) => ({ name, node: planNode(child, origin, find) })),
  };
}

function findStored(node: RecipeNode, find: FindSource): { source: PlannedSource; origin: Origin } {
  const { space, chart, version: wanted, pick } = node.package;
  const found = find(space, chart, wanted);
  if (!found) {
    const fault = pick
      ? `${space}/${chart} has no version ${wanted}`
      : `${space}/${chart}/${wanted} does not exist`;
    throw missing(node, fault);
  }
  const version = found.version ?? wanted;
  const label = `${space}/${chart}/${version}`;
  const source: PlannedSource = { kind: 'stored', space, chart, version, digest: found.digest };
  return { source, origin: { label, metadata: found.metadata } };
}

function findInside(node: RecipeNode, parent: Origin | undefined): { source: PlannedSource; origin: Origin } {
  const { chart, version: wanted, pick } = node.package;
  if (!parent) throw new Error('a root that is no independent chart has passed the parser');
  const inside = subchartsOf(parent.metadata);
  const found = findSubchart(inside, chart, wanted, pick);
  if (!found) {
    const contents = inside.map((entry) => `${String(entry.name)} ${String(entry.version)}`);
    const what = contents.length > 0 ? `it contains ${contents.join(', ')}` : 'it contains no subcharts';
    throw missing(node, `${parent.label} does not contain ${chart} ${wanted}: ${what}`);
  }
  const { version, metadata } = found;
  const source: PlannedSource = { kind: 'subchart', chart, version };
  return { source, origin: { label: `${chart} ${version} in ${parent.label}`, metadata } };
}

function findSubchart(
  inside: readonly JsonObject[],
  chart: string,
  wanted: string,
  pick: VersionPick | undefined,
): { version: string; metadata: JsonObject } | undefined {
  const candidates = inside.flatMap((metadata) =>
    metadata.name === chart && typeof metadata.version === 'string'
      ? [{ version: metadata.version, metadata }]
      : [],
  );
  return pick ? pickHighest(pick, candidates) : candidates.find(({ version }) => version === wanted);
}

function subchartsOf(metadata: JsonObject): JsonObject[] {
  const { dependencies } = metadata;
  return Array.isArray(dependencies) ? dependencies.filter(isObject) : [];
}

function missing(node: RecipeNode, message: string): RegistryError {
  const pointer = `${node.pointer}/package`;
  return new RegistryError('source.notFound', `${message} (${pointer})`, { pointer });
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
export function resolvedSources(recipe: Recipe, plan: Plan): ResolvedSource[] {
  const resolved = new Map<string, ResolvedSource>();
  const visit = (node: RecipeNode, { source, children }: PlannedNode): void => {
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
