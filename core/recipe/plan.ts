import type { Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import { isObject, type JsonObject } from '../yaml/json.ts';
import type { Config, Recipe, RecipeNode } from './recipe.ts';
import { pickHighest, type VersionPick } from './version-pick.ts';

/** How configuration lands in the new chart's values.yaml. */
export type ValuesMode = 'merge' | 'replace' | 'literal';

/** Where a node's files come from: a stored version, or a subchart inside the parent node's own source. */
export type PlannedSource = StoredSource | { kind: 'subchart'; chart: string; version: string };

export interface StoredSource {
  kind: 'stored';
  space: string;
  chart: string;
  version: string;
  digest: Digest;
}

export interface PlannedNode<C extends Config = JsonObject> {
  source: PlannedSource;
  /** Whether the source's own subcharts that are no children stay. */
  keep?: true;
  config?: C;
  /** By their names in the new chart, in order of name. */
  children: { name: string; node: PlannedNode<C> }[];
}

/**
 * A recipe after checking: every source is an exact version and digest, so composing needs nothing else and gives the
 * same bytes whenever and wherever it is done. Plain JSON, as it is stored with the job.
 */
export interface Plan<C extends Config = JsonObject> {
  space: string;
  chart: string;
  version: string;
  description?: string;
  values: ValuesMode;
  root: PlannedNode<C>;
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

/**
 * Resolves every source of a recipe to what is stored now.
 *
 * @param find looks a source up by the version as the recipe has it.
 * @param space where the new chart goes.
 * @throws {RegistryError} `source.notFound`, with the pointer of the `package` whose source does not exist, or is not
 *   inside its parent's source under that name and version.
 */
export function planRecipe<C extends Config>(recipe: Recipe<C>, space: string, find: FindSource): Plan<C> {
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

function planNode<C extends Config>(
  node: RecipeNode<C>,
  parent: Origin | undefined,
  find: FindSource,
): PlannedNode<C> {
  const { source, origin } = node.package.independent ? findStored(node, find) : findInside(node, parent);
  return {
    source,
    ...(node.package.keep ? { keep: true } : {}),
    ...(node.config === undefined ? {} : { config: node.config }),
    children: node.children.map(({ name, node: child }) => ({ name, node: planNode(child, origin, find) })),
  };
}

function findStored(node: RecipeNode<Config>, find: FindSource): { source: PlannedSource; origin: Origin } {
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

function findInside(
  node: RecipeNode<Config>,
  parent: Origin | undefined,
): { source: PlannedSource; origin: Origin } {
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

function missing(node: RecipeNode<Config>, message: string): RegistryError {
  const pointer = `${node.pointer}/package`;
  return new RegistryError('source.notFound', `${message} (${pointer})`, { pointer });
}
