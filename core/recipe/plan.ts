import type { Digest } from '../blobs/port.ts';
import { RegistryError } from '../errors.ts';
import { isObject, type JsonObject } from '../yaml/json.ts';
import type { MetadataFields } from './parse-metadata.ts';
import type { Configuration, Recipe, RecipeNode, RecipePackage, ValuesMode } from './recipe.ts';
import { pickHighest } from './version-pick.ts';

/** Source of a node's files: a stored version, or a subchart inside the parent node's source. An umbrella has none. */
export type PlannedSource =
  | StoredSource
  | { kind: 'subchart'; chart: string; version: string }
  | { kind: 'umbrella' };

/** A stored version by its names and the digest of its archive. */
export interface StoredSource {
  kind: 'stored';
  space: string;
  chart: string;
  version: string;
  digest: Digest;
}

/** Stored chart in the place of entries that a source declares and its archive does not contain. */
export interface PlannedPart {
  source: StoredSource;
  /** Entries that it is for: alias, or name without one, and range. */
  entries: { name: string; range: string }[];
  /** Parts that its own archive lacks. */
  parts?: PlannedPart[];
}

/** A node of a plan: its resolved source, configuration and children. */
export interface PlannedNode<C extends Configuration = JsonObject> {
  source: PlannedSource;
  /** Whether subcharts of the source that are not children stay. */
  keep?: true;
  /** Missing parts of the source that the registry has. */
  parts?: PlannedPart[];
  config?: C;
  /** Children by their names in the new chart, sorted by name. */
  children: { name: string; node: PlannedNode<C> }[];
}

/**
 * A recipe with every source resolved to an exact version and digest.
 * Composing needs nothing else, and makes the same bytes at any time and on any machine. A plan is plain JSON, as it
 * is stored with the job.
 */
export interface Plan<C extends Configuration = JsonObject> {
  space: string;
  chart: string;
  version: string;
  description?: string;
  metadata?: MetadataFields;
  values: ValuesMode;
  root: PlannedNode<C>;
}

/** A stored version as the registry has it. */
export interface FoundSource {
  /** The version that a range or `latest` was resolved to. */
  version?: string;
  digest: Digest;
  /** Chart.yaml as JSON; `dependencies` is the tree of the subcharts that are really inside. */
  metadata: JsonObject;
}

/** Looks up a stored version, by the version as the recipe has it. */
export type FindSource = (space: string, chart: string, version: string) => FoundSource | undefined;

/**
 * Resolves every source of a recipe to the version that is stored now.
 * @param space space of the new chart
 * @throws {RegistryError} `source.notFound`, with the pointer of the `package` whose source does not exist, or is not
 *   inside its parent's source under that name and version.
 */
export function planRecipe<C extends Configuration>(
  recipe: Recipe<C>,
  space: string,
  find: FindSource,
): Plan<C> {
  return {
    space,
    chart: recipe.chart,
    version: recipe.version,
    ...(recipe.description === undefined ? {} : { description: recipe.description }),
    ...(recipe.metadata ? { metadata: recipe.metadata } : {}),
    values: recipe.values,
    root: planNode(recipe.root, undefined, find),
  };
}

/** A node's source: its label for messages, and the metadata that lists its subcharts. */
interface LabelledMetadata {
  label: string;
  metadata: JsonObject;
}

function planNode<C extends Configuration>(
  node: RecipeNode<C>,
  parent: LabelledMetadata | undefined,
  find: FindSource,
): PlannedNode<C> {
  const { source, origin } = resolveNodeSource(node, parent, find);
  return {
    source,
    ...(node.package?.keep ? { keep: true } : {}),
    ...(node.config === undefined ? {} : { config: node.config }),
    children: node.children.map(({ name, node: child }) => ({ name, node: planNode(child, origin, find) })),
  };
}

function resolveNodeSource(
  node: RecipeNode<Configuration>,
  parent: LabelledMetadata | undefined,
  find: FindSource,
): { source: PlannedSource; origin: LabelledMetadata | undefined } {
  if (!node.package) return { source: { kind: 'umbrella' }, origin: undefined };
  return node.package.independent
    ? findStored(node, node.package, find)
    : findInside(node, node.package, parent);
}

function findStored(
  node: RecipeNode<Configuration>,
  { space, chart, version: requested, pick }: RecipePackage,
  find: FindSource,
): { source: PlannedSource; origin: LabelledMetadata } {
  const found = find(space, chart, requested);
  if (!found) {
    const fault = pick
      ? `${space}/${chart} has no version ${requested}`
      : `${space}/${chart}/${requested} does not exist`;
    throw sourceMissingError(node, fault);
  }
  const version = found.version ?? requested;
  const label = `${space}/${chart}/${version}`;
  const source: PlannedSource = { kind: 'stored', space, chart, version, digest: found.digest };
  return { source, origin: { label, metadata: found.metadata } };
}

function findInside(
  node: RecipeNode<Configuration>,
  source: RecipePackage,
  parent: LabelledMetadata | undefined,
): { source: PlannedSource; origin: LabelledMetadata } {
  const { chart, version: requested } = source;
  if (!parent) throw new Error('the parser let a dependent chart without a parent pass');
  const inside = subchartsOf(parent.metadata);
  const found = findSubchart(inside, source);
  if (!found) {
    const contents = inside.map((entry) => `${String(entry.name)} ${String(entry.version)}`);
    const listing = contents.length > 0 ? `it contains ${contents.join(', ')}` : 'it contains no subcharts';
    throw sourceMissingError(node, `${parent.label} does not contain ${chart} ${requested}: ${listing}`);
  }
  const { version, metadata } = found;
  return {
    source: { kind: 'subchart', chart, version },
    origin: { label: `${chart} ${version} in ${parent.label}`, metadata },
  };
}

function findSubchart(
  inside: readonly JsonObject[],
  { chart, version: requested, pick, orExact }: RecipePackage,
): { version: string; metadata: JsonObject } | undefined {
  const candidates = inside.flatMap((metadata) =>
    metadata.name === chart && typeof metadata.version === 'string'
      ? [{ version: metadata.version, metadata }]
      : [],
  );
  const exact = pick && !orExact ? undefined : candidates.find(({ version }) => version === requested);
  return exact ?? (pick && pickHighest(pick, candidates));
}

function subchartsOf(metadata: JsonObject): JsonObject[] {
  const { dependencies } = metadata;
  return Array.isArray(dependencies) ? dependencies.filter(isObject) : [];
}

function sourceMissingError(node: RecipeNode<Configuration>, message: string): RegistryError {
  const pointer = `${node.pointer}/package`;
  return new RegistryError('source.notFound', `${message} (${pointer})`, { pointer });
}
