import type { Dependent } from '@helm-registry/client';
import { type Box, boxSize, type Edge, type GraphNode, layOutGraph } from './lay-out-graph.ts';
import type { SourceNode } from './source-tree.ts';

/** Longest text in a box. */
const maxBoxTextLength = 24;

/** Graph of what a version was made from and made into. The lists below say the same, and are what readers get. */
export function LineageGraph({
  name,
  sources,
  made,
}: {
  name: string;
  sources: readonly SourceNode[];
  made: readonly Dependent[];
}) {
  if (sources.length === 0 && made.length === 0) return null;
  const graph = layOutGraph(
    name,
    sources.map(toGraphNode),
    made.map(({ chart, version }) => `${chart} ${version}`),
  );
  const { width, height } = graph;
  return (
    <div class="lineage-graph">
      <svg
        aria-hidden="true"
        viewBox={`-1 -1 ${width + 2} ${height + 2}`}
        width={width + 2}
        height={height + 2}
      >
        {graph.edges.map((edge) => (
          <path key={`${edge.from.id} ${edge.to.id}`} class="edge" d={drawEdge(edge)} />
        ))}
        {graph.boxes.map((box) => (
          <BoxView key={box.id} box={box} />
        ))}
      </svg>
    </div>
  );
}

function BoxView({ box: { x, y, text, tone } }: { box: Box }) {
  const [...letters] = text;
  const shown =
    letters.length > maxBoxTextLength ? `${letters.slice(0, maxBoxTextLength - 1).join('')}…` : text;
  return (
    <g transform={`translate(${x} ${y})`} class="box" data-tone={tone}>
      <rect width={boxSize.width} height={boxSize.height} rx={6} />
      <text x={boxSize.width / 2} y={boxSize.height / 2} dominant-baseline="central" text-anchor="middle">
        {shown}
      </text>
    </g>
  );
}

function drawEdge({ from, to }: Edge): string {
  const start = { x: from.x + boxSize.width, y: from.y + boxSize.height / 2 };
  const end = { x: to.x, y: to.y + boxSize.height / 2 };
  const middle = (start.x + end.x) / 2;
  return `M${start.x} ${start.y}C${middle} ${start.y} ${middle} ${end.y} ${end.x} ${end.y}`;
}

function toGraphNode({ name, chart, version, state, children }: SourceNode): GraphNode {
  const text = [name || chart || 'hidden', version].filter(Boolean).join(' ');
  return { text, isOutdated: state?.outdated ?? false, children: children.map(toGraphNode) };
}
