import type { Chart } from '../chart/chart.ts';
import { compareBytes } from '../chart/chart-order.ts';
import { getKey, isObject, type Json, type JsonObject } from '../chart/json.ts';
import { typeManifest } from '../chart/manifest-types.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { composeValues, configTree, pruneValues } from './compose-values.ts';
import { chartOf, findHeldNulls, holdNulls } from './imported-values.ts';
import { type KeptSubchart, keepAll } from './keep-subcharts.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * The new chart as it will be when its archive is read again, but with the files of its sources: what it is called, what it
 * declares, what its values are, and so for every chart inside. It makes no archive, so it costs little.
 */
export function composeTree(root: ResolvedNode, plan: Plan): Chart {
  const config = configTree(root);
  const held = findHeldNulls(plan.values, config, () => chartOf(root));
  return { ...declareTree(root, plan, config), values: holdNulls(composeValues(root, plan.values), held) };
}

/** The same without the values of the new chart itself. */
export function declareTree(root: ResolvedNode, plan: Plan, config: JsonObject | undefined): Chart {
  const { chart: name, version } = plan;
  return {
    ...root.source,
    name,
    version,
    manifest: { ...root.source.manifest, ...saidBy(plan) },
    ...partsOf(root, plan, config),
  };
}

/** What the recipe says of the chart, as Helm reads it: without what cannot be printed. */
function saidBy({ chart, version, description }: Plan): JsonObject {
  const said: JsonObject = { name: chart, version, ...(description === undefined ? {} : { description }) };
  return typeManifest(said, said, (field, problem) => {
    throw new Error(`the ${field} of the new chart ${problem}`);
  });
}

function partsOf(
  { source, children, kept }: ResolvedNode,
  plan: Plan,
  config: Json | undefined,
): Pick<Chart, 'dependencies' | 'subcharts'> {
  const charts = [
    ...children.map((child) => childOf(child, plan, config)),
    ...(kept?.subcharts ?? []).map((part) => keptOf(part, plan, config)),
  ];
  return {
    dependencies: composeDependencies(source.dependencies, children, kept),
    subcharts: inOrder(charts),
  };
}

function childOf(child: ResolvedNode, plan: Plan, parent: Json | undefined): Chart {
  const config = isObject(parent) ? getKey(parent, child.name) : undefined;
  const { source, name } = child;
  return {
    ...source,
    name,
    manifest: { ...source.manifest, name },
    values: valuesBelow(source, plan, config, () => chartOf(child)),
    ...partsOf(child, plan, config),
  };
}

function keptOf(part: KeptSubchart, plan: Plan, parent: Json | undefined): Chart {
  const config = keptConfig(part, parent);
  return {
    ...part.chart,
    values: valuesBelow(part.chart, plan, config, () => part.chart),
    subcharts: inOrder(keepAll(part.chart).map((inner) => keptOf(inner, plan, config))),
  };
}

function valuesBelow(source: Chart, plan: Plan, config: Json | undefined, chart: () => Chart): JsonObject {
  if (plan.values !== 'merge') return {};
  return holdNulls(pruneValues(source.values, config), findHeldNulls(plan.values, config, chart));
}

/** What a recipe says about a kept chart: for one of several aliases it can only be said by the parent's values. */
export function keptConfig({ names }: KeptSubchart, parent: Json | undefined): Json | undefined {
  const [name, ...others] = names;
  return name !== undefined && others.length === 0 && isObject(parent) ? getKey(parent, name) : undefined;
}

/** As `readChart` has them. */
function inOrder(charts: Chart[]): Chart[] {
  return charts.sort(
    (left, right) => compareBytes(left.name, right.name) || compareBytes(left.version, right.version),
  );
}
