import { getKey, isObject, type JsonObject, setKey } from '../../../core/yaml/json.ts';

/** Chart that a recipe composes and that Helm packages too, to compare both. */
export interface Composition {
  /** Name of the new chart, unique among compositions. */
  chart: string;
  root: ChartTree;
  /** Values merged over values.yaml of the chart that Helm packages. */
  ownValues?: JsonObject;
}

/** Chart in the tree of a composition. */
export interface ChartTree {
  /** Name of the source chart; the root of a recipe for an umbrella has none. */
  source: string;
  /** Whether the source is a subchart in the archive of the parent's source, instead of a stored version. */
  inside?: boolean;
  /**
   * Name or alias of the dependency in the parent's Chart.yaml, where the recipe uses another name. The keys of that
   * dependency are kept under the new name.
   */
  entry?: string;
  config?: JsonObject;
  children?: Record<string, ChartTree>;
}

/** Name of the empty chart that Helm packages where a recipe makes an umbrella. */
const umbrella = 'umbrella';

/** Builds the recipe of a composition from charts in a space. */
export function recipeOf(
  { chart, root }: Composition,
  space: string,
  versions: ReadonlyMap<string, string>,
): JsonObject {
  const node = ({ source, inside, config, children = {} }: ChartTree): JsonObject => {
    const version = versions.get(source);
    if (version === undefined) throw new Error(`there is no chart ${source}`);
    const named = { package: { independent: !inside, space, chart: source, version } };
    const result: JsonObject = source === umbrella ? {} : named;
    if (config) result._config = config;
    for (const [name, child] of Object.entries(children)) setKey(result, name, node(child));
    return result;
  };
  return { save: { chart, version: '7.0.0' }, configs: node(root) };
}

/** Builds the values file for Helm with the configuration of a recipe. A node's wins over its parent's. */
export function valuesFileOf({ config = {}, children = {} }: ChartTree): JsonObject {
  return Object.entries(children).reduce((values, [name, child]) => {
    const below = valuesFileOf(child);
    if (Object.keys(below).length === 0) return values;
    const section: JsonObject = {};
    setKey(section, name, below);
    return mergeValues(values, section);
  }, config);
}

/** Merges values over others: maps are merged, other values replace. */
export function mergeValues(under: JsonObject, over: JsonObject): JsonObject {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = getKey(result, key);
    setKey(result, key, isObject(before) && isObject(value) ? mergeValues(before, value) : value);
  }
  return result;
}
