import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import type { JsonObject } from '../chart/json.ts';
import type { Plan, PlannedNode } from './plan.ts';

/** A planned node with the chart that its files come from. */
export interface ResolvedNode {
  /** In the new chart. */
  name: string;
  source: Chart;
  config?: JsonObject;
  children: ResolvedNode[];
}

/**
 * Puts the source charts into a plan's tree.
 * @throws {Error} when `sources` lacks what the plan promises, which is a fault of ours: digests name content, so what
 *   was inside a source when the plan was made is inside it for ever.
 */
export function resolveTree(plan: Plan, sources: ReadonlyMap<Digest, Chart>): ResolvedNode {
  return resolveNode(plan.root, plan.chart, undefined, sources);
}

function resolveNode(
  node: PlannedNode,
  name: string,
  parent: Chart | undefined,
  sources: ReadonlyMap<Digest, Chart>,
): ResolvedNode {
  const source = findSource(node, parent, sources);
  return {
    name,
    source,
    ...(node.config ? { config: node.config } : {}),
    children: node.children.map((child) => resolveNode(child.node, child.name, source, sources)),
  };
}

function findSource(
  node: PlannedNode,
  parent: Chart | undefined,
  sources: ReadonlyMap<Digest, Chart>,
): Chart {
  const { source } = node;
  if (source.kind === 'stored') {
    const chart = sources.get(source.digest);
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
