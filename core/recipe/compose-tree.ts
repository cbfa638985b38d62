import { compareBytes } from '../archive/chart-order.ts';
import type { Chart } from '../chart/chart.ts';
import { convertManifest } from '../chart/manifest-types.ts';
import { applyDifference } from '../yaml/edit/edit-documents.ts';
import { equalJson, type Json, type JsonObject } from '../yaml/json.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { configTree } from './compose-values.ts';
import { type KeptSubchart, keepAll } from './keep-subcharts.ts';
import { configBelow, keptConfig } from './node-config.ts';
import { childValues, keptValues } from './own-values.ts';
import type { Plan } from './plan.ts';
import type { ValuesMode } from './recipe.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { rootValues } from './root-values.ts';

/**
 * Computes the new chart as it will be read from its archive. The files are those of the sources. Names, dependencies
 * and values of every chart inside are the new ones. No archive is made, so this costs little.
 */
export function composeTree(root: ResolvedNode, plan: Plan): Chart {
  const config = configTree(root);
  const tree = composeTreeWithSourceValues(root, plan, config);
  return withValues(tree, root.source, rootValues(root, plan.values, config).compose(), plan.values);
}

/** Computes the new chart like {@link composeTree}, but the root keeps its source's values. */
export function composeTreeWithSourceValues(
  root: ResolvedNode,
  plan: Plan,
  config: JsonObject | undefined,
): Chart {
  const { chart: name, version } = plan;
  return {
    ...root.source,
    name,
    version,
    manifest: { ...root.source.manifest, ...chartYamlFields(plan) },
    ...composeSubcharts(root, plan, config),
  };
}

/** Makes the keys of Chart.yaml that the recipe sets, as Helm reads them: without unprintable characters. */
function chartYamlFields({ chart, version, description, metadata }: Plan): JsonObject {
  const fields: JsonObject = {
    name: chart,
    version,
    ...(description === undefined ? {} : { description }),
    ...metadata,
  };
  return convertManifest(fields, fields, (field, problem) => {
    throw new Error(`the ${field} of the new chart ${problem}`);
  });
}

function composeSubcharts(
  { source, children, kept }: ResolvedNode,
  plan: Plan,
  config: Json | undefined,
): Pick<Chart, 'dependencies' | 'subcharts'> {
  const charts = [
    ...children.map((child) => composeChild(child, plan, config)),
    ...(kept?.subcharts ?? []).map((part) => composeKept(part, plan, config)),
  ];
  return {
    dependencies: composeDependencies(source.dependencies, children, kept),
    subcharts: orderCharts(charts),
  };
}

function composeChild(child: ResolvedNode, plan: Plan, parent: Json | undefined): Chart {
  const config = configBelow(parent, child.name);
  const { source, name } = child;
  const values = plan.values === 'merge' ? childValues(child, config).values : {};
  const manifest = { ...source.manifest, name };
  return withValues(
    { ...source, name, manifest, ...composeSubcharts(child, plan, config) },
    source,
    values,
    plan.values,
  );
}

function composeKept(part: KeptSubchart, plan: Plan, parent: Json | undefined): Chart {
  const { chart } = part;
  const config = keptConfig(part, parent);
  const values = plan.values === 'merge' ? keptValues(chart, config).values : {};
  const subcharts = orderCharts(keepAll(chart).map((inner) => composeKept(inner, plan, config)));
  return withValues({ ...chart, subcharts }, chart, values, plan.values);
}

/**
 * Sets a chart's values. Of several YAML documents the first gets every change: Helm 3 reads no other
 * (`editDocuments`).
 */
function withValues(chart: Chart, source: Chart, values: JsonObject, mode: ValuesMode): Chart {
  const { firstValues: sourceFirst, ...rest } = chart;
  // `replace` and `literal` write values.yaml anew as one document, so a first document has no values of its own.
  if (!sourceFirst || mode !== 'merge') return { ...rest, values };
  const firstValues = applyDifference(sourceFirst, source.values, values, true);
  return { ...rest, values, ...(equalJson(firstValues, values) ? {} : { firstValues }) };
}

/** Sorts charts by name, then version, as `readChart` does. */
function orderCharts(charts: Chart[]): Chart[] {
  return charts.sort(
    (left, right) => compareBytes(left.name, right.name) || compareBytes(left.version, right.version),
  );
}
