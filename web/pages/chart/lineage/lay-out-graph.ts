/** Box of a graph. */
export interface Box {
  id: string;
  text: string;
  x: number;
  y: number;
  tone: 'own' | 'outdated' | 'plain';
}

/** Line from one box to another. */
export interface Edge {
  from: Box;
  to: Box;
}

/** Graph with the place of everything in it. */
export interface Graph {
  boxes: Box[];
  edges: Edge[];
  width: number;
  height: number;
}

/** Chart in the graph, with the charts that it is made from. */
export interface GraphNode {
  text: string;
  isOutdated: boolean;
  children: readonly GraphNode[];
}

/** Sizes of boxes and of the room between them. */
export const boxSize = { width: 190, height: 34 };
const boxGap = { x: 56, y: 12 };
/** Largest number of boxes in a column, and of columns of sources. */
const maxBoxesPerColumn = 14;
const maxColumns = 4;

/**
 * Lays out a version in the middle of its relatives. What it is made from is at its left, level by level, and what
 * was made from it at its right. What has no room is left out: the lists beside the graph have all.
 */
export function layOutGraph(own: string, sources: readonly GraphNode[], made: readonly string[]): Graph {
  const columns = listColumns(sources);
  const tallest = Math.max(1, made.length, ...columns.map((column) => column.length));
  const rows = Math.min(tallest, maxBoxesPerColumn);
  const height = rows * (boxSize.height + boxGap.y) - boxGap.y;
  const xOf = (column: number) => column * (boxSize.width + boxGap.x);
  const place = (column: number, row: number, count: number) => ({
    x: xOf(column),
    y: (height - (count * (boxSize.height + boxGap.y) - boxGap.y)) / 2 + row * (boxSize.height + boxGap.y),
  });
  const root: Box = { id: 'own', text: own, tone: 'own', ...place(columns.length, 0, 1) };
  const boxes = [root];
  const edges: Edge[] = [];
  let parents = new Map<GraphNode | undefined, Box>([[undefined, root]]);
  columns.forEach((column, depth) => {
    const shown = column.slice(0, maxBoxesPerColumn);
    const next = new Map<GraphNode | undefined, Box>();
    shown.forEach(({ node, parent }, row) => {
      const to = parents.get(parent);
      if (!to) return;
      const tone = node.isOutdated ? 'outdated' : 'plain';
      const spot = place(columns.length - 1 - depth, row, shown.length);
      const box: Box = { id: `source-${depth}-${row}`, text: node.text, tone, ...spot };
      boxes.push(box);
      edges.push({ from: box, to });
      next.set(node, box);
    });
    parents = next;
  });
  const shown = made.slice(0, maxBoxesPerColumn);
  shown.forEach((text, row) => {
    const box: Box = {
      id: `made-${row}`,
      text,
      tone: 'plain',
      ...place(columns.length + 1, row, shown.length),
    };
    boxes.push(box);
    edges.push({ from: root, to: box });
  });
  const last = columns.length + (made.length > 0 ? 1 : 0);
  return { boxes, edges, width: xOf(last) + boxSize.width, height };
}

interface NodeWithParent {
  node: GraphNode;
  parent: GraphNode | undefined;
}

/** Lists the sources level by level, the nearest first. */
function listColumns(sources: readonly GraphNode[]): NodeWithParent[][] {
  const columns: NodeWithParent[][] = [];
  let level: NodeWithParent[] = sources.map((node) => ({ node, parent: undefined }));
  while (level.length > 0 && columns.length < maxColumns) {
    columns.push(level);
    level = level
      .slice(0, maxBoxesPerColumn)
      .flatMap(({ node }) => node.children.map((child) => ({ node: child, parent: node })));
  }
  return columns;
}
