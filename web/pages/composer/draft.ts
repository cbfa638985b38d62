/** Treatment of a source's own subcharts that the recipe does not name: `drop`, `keep` or `resolve` them. */
export type SubchartTreatment = 'drop' | 'keep' | 'resolve';

/** Source of a node as the recipe has it. */
export interface DraftPackage {
  /** False takes the subchart of that name out of the parent's source. */
  independent: boolean;
  space: string;
  chart: string;
  /** Version, range or `latest`. */
  version: string;
  subcharts: SubchartTreatment;
}

/** Node of the tree that a person edits. */
export interface DraftNode {
  /** Names the node while it is renamed and moved. */
  id: string;
  /** Name in the new chart; empty for the root. */
  name: string;
  /** Absent only in the root of an umbrella. */
  package?: DraftPackage;
  /** Configuration as YAML, as it is typed: perhaps not yet right. */
  config: string;
  children: DraftNode[];
}

/** Recipe under work. */
export interface Draft {
  /** Space of the new chart. */
  space: string;
  chart: string;
  version: string;
  description: string;
  values: 'merge' | 'replace' | 'literal';
  replace: boolean;
  /** Spaces that `resolve` searches beside the source's own. */
  from: string[];
  /** Keys of `save` that the form does not show, and the callback: they stay as they are. */
  otherSave: Record<string, unknown>;
  callback?: unknown;
  root: DraftNode;
}

let lastId = 0;

/** Makes a node with an id of its own. */
export function createNode(
  node: Omit<DraftNode, 'id' | 'config' | 'children'> & Partial<DraftNode>,
): DraftNode {
  lastId += 1;
  return { config: '', children: [], ...node, id: `n${lastId}` };
}

/** Makes the draft of an umbrella without children. */
export function createDraft(space = ''): Draft {
  return {
    space,
    chart: '',
    version: '0.1.0',
    description: '',
    values: 'merge',
    replace: false,
    from: [],
    otherSave: {},
    root: createNode({ name: '' }),
  };
}

/** Lists a node and all below it, parents first. */
export function* eachNode(node: DraftNode): Generator<DraftNode> {
  yield node;
  for (const child of node.children) yield* eachNode(child);
}

/** Finds a node by its id. */
export function findNode(root: DraftNode, id: string): DraftNode | undefined {
  for (const node of eachNode(root)) if (node.id === id) return node;
  return undefined;
}

/** Finds the node that has a child. @returns undefined for the root */
export function findParent(root: DraftNode, id: string): DraftNode | undefined {
  for (const node of eachNode(root)) if (node.children.some((child) => child.id === id)) return node;
  return undefined;
}
