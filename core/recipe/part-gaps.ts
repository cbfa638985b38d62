import { type DeclaredEntry, effectiveNameOf } from './absent-entries.ts';
import { cycleError, tooDeepParts, tooManyParts } from './part-faults.ts';
import type { Plan, PlannedNode, PlannedPart, StoredSource } from './plan.ts';
import { type Configuration, type Recipe, type RecipeNode, recipeLimits } from './recipe.ts';

/** Stored chart whose missing parts are looked for. */
export interface Gap {
  pointer: string;
  source: StoredSource;
  /** Names that children of the recipe have there. */
  taken: ReadonlySet<string>;
  /** Versions that it lies in, from the new chart to itself. */
  chain: readonly string[];
  depth: number;
  /** Receives what is found. */
  parts: PlannedPart[];
}

/** Entry of a gap without a chart. */
export interface AbsentEntry {
  gap: Gap;
  entry: DeclaredEntry;
}

/** Opens a gap for each node of a recipe that resolves. @returns them by the nodes of the plan */
export function createGaps<C extends Configuration>(
  recipe: Recipe<Configuration>,
  plan: Plan<C>,
): Map<PlannedNode<C>, Gap> {
  const gaps = new Map<PlannedNode<C>, Gap>();
  const visit = (node: RecipeNode<Configuration>, planned: PlannedNode<C>, depth: number): void => {
    const { source, children } = planned;
    if (node.package?.resolve && source.kind === 'stored') {
      gaps.set(planned, {
        pointer: `${node.pointer}/package`,
        source,
        taken: new Set(children.map(({ name }) => name)),
        chain: [keyOf(plan), keyOf(source)],
        depth,
        parts: [],
      });
    }
    for (const [index, child] of node.children.entries()) {
      const below = children[index];
      if (below) visit(child.node, below.node, depth + 1);
    }
  };
  visit(recipe.root, plan.root, 1);
  return gaps;
}

/**
 * Puts the parts that were found into their gaps. Entries that mean the same version share one.
 * @returns the parts as gaps of the next level
 * @throws {RegistryError} `dependency.cycle`, `request.tooDeep`
 */
export function fillGaps(
  absent: readonly AbsentEntry[],
  found: ReadonlyMap<AbsentEntry, StoredSource>,
): Gap[] {
  const next: Gap[] = [];
  for (const item of absent) {
    const { gap, entry } = item;
    const source = found.get(item);
    if (!source) continue;
    const name = keyOf(source);
    const named = { name: effectiveNameOf(entry), range: entry.version || '*' };
    const known = gap.parts.find((part) => keyOf(part.source) === name);
    if (known) {
      known.entries.push(named);
      continue;
    }
    if (gap.chain.includes(name)) {
      throw cycleError(gap.pointer, [...gap.chain.slice(gap.chain.indexOf(name)), name]);
    }
    if (gap.depth >= recipeLimits.nodeDepth) throw tooDeepParts(gap.pointer, keyOf(gap.source));
    const parts: PlannedPart[] = [];
    gap.parts.push({ source, entries: [named], parts });
    next.push({
      pointer: gap.pointer,
      source,
      taken: new Set(),
      chain: [...gap.chain, name],
      depth: gap.depth + 1,
      parts,
    });
  }
  return next;
}

/** Copies a node of a plan with all below it. The copies have the parts that their gaps received. */
export function copyWithParts<C extends Configuration>(
  node: PlannedNode<C>,
  gaps: ReadonlyMap<PlannedNode<C>, Gap>,
): PlannedNode<C> {
  const parts = gaps.get(node)?.parts ?? [];
  return {
    ...node,
    ...(parts.length > 0 ? { parts: parts.map(omitEmptyParts) } : {}),
    children: node.children.map(({ name, node: child }) => ({ name, node: copyWithParts(child, gaps) })),
  };
}

/** Leaves out empty lists, so that a plan has no more than it says. */
function omitEmptyParts({ parts = [], ...part }: PlannedPart): PlannedPart {
  return parts.length > 0 ? { ...part, parts: parts.map(omitEmptyParts) } : part;
}

/** Checks the number of nodes and parts. @throws {RegistryError} `recipe.invalid` */
export function checkNodeAndPartCount(
  root: PlannedNode<Configuration>,
  parts: number,
  level: readonly Gap[],
): void {
  const [first] = level;
  if (first && parts + countNodes(root) > recipeLimits.nodes) throw tooManyParts(first.pointer);
}

function countNodes({ children }: PlannedNode<Configuration>): number {
  return children.reduce((count, { node }) => count + countNodes(node), 1);
}

function keyOf({ space, chart, version }: { space: string; chart: string; version: string }): string {
  return `${space}/${chart}/${version}`;
}
