import { findValueAt } from '../chart/enabled-charts.ts';
import { appendPointer } from '../yaml/json-pointer.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/**
 * Finds the place in the recipe that sets a value of the new chart.
 * @param path keys from the root of the new chart's values
 * @returns pointer of the key in a node's `_config`; for a source's default, the pointer of the node
 */
export function locateValue(root: ResolvedNode, path: readonly string[]): string {
  const trail: { node: ResolvedNode; rest: readonly string[] }[] = [{ node: root, rest: path }];
  for (let current = trail[0]; current; ) {
    const [name, ...rest] = current.rest;
    const child = current.node.children.find((candidate) => candidate.name === name);
    if (!child) break;
    current = { node: child, rest };
    trail.push(current);
  }
  trail.reverse();
  for (const { node, rest } of trail) {
    if (configuresPath(node, rest)) return configPointer(node, rest);
  }
  // Helm passes `global` down to subcharts, so a parent may have set the value.
  const shared = path.indexOf('global');
  for (const { node } of shared < 0 ? [] : trail) {
    if (configuresPath(node, path.slice(shared))) return configPointer(node, path.slice(shared));
  }
  return trail[0]?.node.pointer ?? root.pointer;
}

function configuresPath({ config }: ResolvedNode, path: readonly string[]): boolean {
  return path.length > 0 && findValueAt(config, path) !== undefined;
}

function configPointer({ pointer }: ResolvedNode, path: readonly string[]): string {
  return path.reduce<string>(appendPointer, `${pointer}/_config`);
}
