import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import type { JsonObject } from '../yaml/json.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import { completeChart } from './complete-chart.ts';
import { type KeptSubcharts, keepSubcharts } from './keep-subcharts.ts';
import type { Plan, PlannedNode } from './plan.ts';
import { createUmbrella } from './umbrella.ts';

/** A planned node with its source chart. */
export interface ResolvedNode {
  /** Its name in the new chart. */
  name: string;
  source: Chart;
  /** RFC 6901 pointer to the node in the recipe. */
  pointer: string;
  config?: JsonObject;
  /** Whether the source was taken out of the parent node's source. */
  inside?: true;
  /** Subcharts of the source that stay; none if left out. */
  kept?: KeptSubcharts;
  children: ResolvedNode[];
}

/**
 * Attaches the source charts to a plan's nodes.
 * @throws {RegistryError} `recipe.invalid` if a kept subchart and a child have the same name
 * @throws {Error} if `sources` lacks a chart of the plan, which is a defect of the program: a digest names content,
 *   so a subchart that was inside a source at planning is inside it for ever.
 */
export function resolveTree(plan: Plan, sources: ReadonlyMap<Digest, Chart>): ResolvedNode {
  const charts = { stored: sources, umbrella: createUmbrella(plan) };
  return resolveNode(plan.root, { name: plan.chart, pointer: '/configs' }, undefined, charts);
}

/** Charts that nodes are made of, besides those inside their parent's source. */
interface SourceCharts {
  stored: ReadonlyMap<Digest, Chart>;
  umbrella: Chart;
}

function resolveNode(
  node: PlannedNode,
  place: { name: string; pointer: string },
  parent: Chart | undefined,
  charts: SourceCharts,
): ResolvedNode {
  const source = completeChart(findSource(node, parent, charts), node.parts ?? [], charts.stored);
  return {
    ...place,
    source,
    ...(node.source.kind === 'subchart' ? { inside: true as const } : {}),
    ...(node.config ? { config: node.config } : {}),
    ...(node.keep ? { kept: keepSubcharts(source, node.children.map(toChild), place.pointer) } : {}),
    children: node.children.map(({ name, node: child }) =>
      resolveNode(child, { name, pointer: appendPointer(place.pointer, name) }, source, charts),
    ),
  };
}

function toChild({ name, node }: PlannedNode['children'][number]) {
  return { name, source: node.source };
}

function findSource(node: PlannedNode, parent: Chart | undefined, { stored, umbrella }: SourceCharts): Chart {
  const { source } = node;
  if (source.kind === 'umbrella') return umbrella;
  if (source.kind === 'stored') {
    const chart = stored.get(source.digest);
    if (chart) return chart;
    throw new Error(`the plan needs ${source.digest}, which was not given`);
  }
  const inside = parent?.subcharts.find(
    ({ name, version }) => name === source.chart && version === source.version,
  );
  if (inside) return inside;
  throw new Error(
    `the plan takes ${source.chart} ${source.version} out of ${parent?.name}, which does not contain it`,
  );
}
