import { getKey, isObject, type JsonObject, setKey } from '../../../core/yaml/json.ts';

/** A chart to compose, and to have Helm package as well. */
export interface Composition {
  /** Of the new chart, and of this composition among others. */
  chart: string;
  root: ChartTree;
  /** Has Helm's own chart have these in its values.yaml, over what its author wrote there. */
  ownValues?: JsonObject;
}

/** One chart in it. */
export interface ChartTree {
  /** Name of the chart that it is made from. */
  source: string;
  /** Has the recipe take it out of the archive of its parent's source, instead of the registry. */
  inside?: boolean;
  /**
   * Name or alias that the parent's author gives it, where the recipe gives it another: what the author says about that
   * dependency is kept under the new name.
   */
  entry?: string;
  config?: JsonObject;
  children?: Record<string, ChartTree>;
}

/** The recipe of a composition out of charts in a space. */
export function recipeOf(
  { chart, root }: Composition,
  space: string,
  versions: ReadonlyMap<string, string>,
): JsonObject {
  const node = ({ source, inside, config, children = {} }: ChartTree): JsonObject => {
    const version = versions.get(source);
    if (version === undefined) throw new Error(`there is no chart ${source}`);
    const result: JsonObject = { package: { independent: !inside, space, chart: source, version } };
    if (config) result._config = config;
    for (const [name, child] of Object.entries(children)) setKey(result, name, node(child));
    return result;
  };
  return { save: { chart, version: '7.0.0' }, configs: node(root) };
}

/** What a recipe configures, as a user would write it into a file for Helm; what is said at a node wins over what is said above. */
export function valuesFileOf({ config = {}, children = {} }: ChartTree): JsonObject {
  return Object.entries(children).reduce((values, [name, child]) => {
    const below = valuesFileOf(child);
    if (Object.keys(below).length === 0) return values;
    const section: JsonObject = {};
    setKey(section, name, below);
    return mergeValues(values, section);
  }, config);
}

/** Lays values over others: maps merge, anything else replaces. */
export function mergeValues(under: JsonObject, over: JsonObject): JsonObject {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = getKey(result, key);
    setKey(result, key, isObject(before) && isObject(value) ? mergeValues(before, value) : value);
  }
  return result;
}
