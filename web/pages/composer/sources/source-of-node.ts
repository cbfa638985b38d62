import type { DraftNode, DraftPackage } from '../draft.ts';
import { findParent } from '../draft.ts';

/** Chart of the registry, or one inside it, from which a node is made. */
export interface NodeSource {
  space: string;
  chart: string;
  /** Version, range or `latest`. */
  version: string;
  /** Names of the charts on the way into the archive; empty for the stored chart itself. */
  inside: readonly string[];
}

/** Finds the source of a node. A chart inside another one belongs to the source of the node above it. */
export function sourceOfNode(root: DraftNode, node: DraftNode): NodeSource | undefined {
  const source = node.package;
  if (!source) return undefined;
  if (source.independent)
    return isCompletePackage(source) ? { ...pickChartReference(source), inside: [] } : undefined;
  const parent = findParent(root, node.id);
  const above = parent && sourceOfNode(root, parent);
  return above && { ...above, inside: [...above.inside, source.chart] };
}

/** Makes a text that names a source. */
export function keyOfSource({ space, chart, version, inside }: NodeSource): string {
  return JSON.stringify([space, chart, version, ...inside]);
}

function isCompletePackage({ space, chart, version }: DraftPackage): boolean {
  return space !== '' && chart !== '' && version !== '';
}

function pickChartReference({ space, chart, version }: DraftPackage) {
  return { space, chart, version };
}
