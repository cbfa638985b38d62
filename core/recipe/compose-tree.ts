import { compareBytes } from '../archive/chart-order.ts';
import type { Chart } from '../chart/chart.ts';
import { typeManifest } from '../chart/manifest-types.ts';
import { applyDifference } from '../yaml/edit/edit-documents.ts';
import { equalJson, type Json, type JsonObject } from '../yaml/json.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { configTree } from './compose-values.ts';
import { type KeptSubchart, keepAll } from './keep-subcharts.ts';
import { configBelow, keptConfig } from './node-config.ts';
import { childValues, keptValues } from './own-values.ts';
import type { Plan, ValuesMode } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { rootValues } from './root-values.ts';

/**
 * The new chart as it will be when its archive is read again, but with the files of its sources: what it is called, what it
 * declares, what its values are, and so for every chart inside. It makes no archive, so it costs little.
 */
export function composeTree(root: ResolvedNode, plan: Plan): Chart {
  const config = configTree(root);
  const tree = declareTree(root, plan, config);
  return withValues(tree, root.source, rootValues(root, plan.values, config).compose(), plan.values);
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
  const config = configBelow(parent, child.name);
  const { source, name } = child;
  const values = plan.values === 'merge' ? childValues(child, config).values : {};
  const manifest = { ...source.manifest, name };
  return withValues(
    { ...source, name, manifest, ...partsOf(child, plan, config) },
    source,
    values,
    plan.values,
  );
}

function keptOf(part: KeptSubchart, plan: Plan, parent: Json | undefined): Chart {
  const { chart } = part;
  const config = keptConfig(part, parent);
  const values = plan.values === 'merge' ? keptValues(chart, config).values : {};
  const subcharts = inOrder(keepAll(chart).map((inner) => keptOf(inner, plan, config)));
  return withValues({ ...chart, subcharts }, chart, values, plan.values);
}

/** The first of several documents gets every change: Helm 3 reads no other (`editDocuments`). */
function withValues(chart: Chart, source: Chart, values: JsonObject, mode: ValuesMode): Chart {
  const { firstValues: before, ...rest } = chart;
  // In the other modes the file is written anew, as one document.
  if (!before || mode !== 'merge') return { ...rest, values };
  const firstValues = applyDifference(before, source.values, values, true);
  return { ...rest, values, ...(equalJson(firstValues, values) ? {} : { firstValues }) };
}

/** As `readChart` has them. */
function inOrder(charts: Chart[]): Chart[] {
  return charts.sort(
    (left, right) => compareBytes(left.name, right.name) || compareBytes(left.version, right.version),
  );
}
