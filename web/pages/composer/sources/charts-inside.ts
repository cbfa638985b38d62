import type { DraftNode } from '../draft.ts';
import type { InsideChart, SourceFacts } from './source-facts.ts';

/** Lists the charts inside a node's source from which no child is made. */
export function chartsInside(node: DraftNode, { inside }: SourceFacts): InsideChart[] {
  const taken = new Set(
    node.children.flatMap(({ package: source }) => (source?.independent === false ? [source.chart] : [])),
  );
  return inside.filter(({ name }) => !taken.has(name));
}
