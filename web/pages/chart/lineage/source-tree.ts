import type { ComposedState, Lineage, PlannedNode, PlannedPart, SourceState } from '@helm-registry/client';

/** Chart that a version was made from, with those that came below it. */
export interface SourceNode {
  /** Name in the composed chart; empty for the root. */
  name: string;
  /** Place in the recipe. */
  pointer: string;
  kind: 'stored' | 'subchart' | 'umbrella' | 'hidden';
  space?: string;
  chart?: string;
  version?: string;
  /** State of a stored source, as far as it is known. */
  state?: SourceState;
  children: SourceNode[];
}

/**
 * Lists the sources of a version as the plan has them. Each has those below it. Without a plan they are a plain list,
 * and nothing stands above the sources of an umbrella.
 */
export function listSources(lineage: Lineage, state: ComposedState | undefined): SourceNode[] {
  const states = new Map(state?.sources.map((source) => [source.pointer, source]));
  const { root } = lineage.plan;
  if (root.source) {
    const source = root.source;
    const { children = [], parts } = root;
    const tree = toNode({ source, children, ...(parts && { parts }) }, '', '/configs', states);
    return tree.kind === 'stored' ? [tree] : tree.children;
  }
  return lineage.sources.map(({ pointer, space, chart, version }) => ({
    name: chart,
    pointer,
    ...(space === '***' ? { kind: 'hidden' as const } : { kind: 'stored' as const, space, chart, version }),
    ...stateAt(states, pointer),
    children: [],
  }));
}

function toNode(
  { source, children, parts = [] }: PlannedNode,
  name: string,
  pointer: string,
  states: ReadonlyMap<string, SourceState>,
): SourceNode {
  const { kind, ...ref } = source;
  return {
    name,
    pointer,
    kind,
    ...ref,
    ...stateAt(states, `${pointer}/package`),
    children: [
      ...children.map((child) =>
        toNode(child.node, child.name, `${pointer}/${escapePart(child.name)}`, states),
      ),
      ...parts.map((part) => partToSourceNode(part, pointer)),
    ],
  };
}

function partToSourceNode({ source, entries, parts = [] }: PlannedPart, pointer: string): SourceNode {
  const { space, chart, version } = source;
  const name = entries[0]?.name ?? chart;
  const own = `${pointer}/${escapePart(name)}`;
  return {
    name,
    pointer: own,
    kind: 'stored',
    space,
    chart,
    version,
    children: parts.map((part) => partToSourceNode(part, own)),
  };
}

function stateAt(states: ReadonlyMap<string, SourceState>, pointer: string): { state?: SourceState } {
  const state = states.get(pointer);
  return state ? { state } : {};
}

function escapePart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
