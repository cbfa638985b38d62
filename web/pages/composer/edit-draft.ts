import { createNode, type DraftNode, type DraftPackage, eachNode, findNode, findParent } from './draft.ts';

/** Replaces one node of a tree. @returns a new tree, which shares what has not changed */
export function changeNode(root: DraftNode, id: string, change: (node: DraftNode) => DraftNode): DraftNode {
  if (root.id === id) return change(root);
  const children = root.children.map((child) => changeNode(child, id, change));
  return children.every((child, index) => child === root.children[index]) ? root : { ...root, children };
}

/** Adds a chart below a node, under its own name or the next free one. @returns the tree and the new node's id */
export function addChart(
  root: DraftNode,
  parentId: string,
  source: DraftPackage,
): { root: DraftNode; id: string } {
  const parent = findNode(root, parentId) ?? root;
  const node = createNode({ name: chooseFreeName(parent, source.chart), package: source });
  const added = changeNode(root, parent.id, (old) => ({ ...old, children: [...old.children, node] }));
  return { root: added, id: node.id };
}

/** Removes a node with all below it; the root stays. */
export function removeNode(root: DraftNode, id: string): DraftNode {
  const parent = findParent(root, id);
  if (!parent) return root;
  return changeNode(root, parent.id, (old) => ({
    ...old,
    children: old.children.filter((child) => child.id !== id),
  }));
}

/** Finds the node above another one in the tree. The focus goes there when that one is removed. */
export function nodeBefore(root: DraftNode, id: string): DraftNode {
  const nodes = [...eachNode(root)];
  return nodes[nodes.findIndex((node) => node.id === id) - 1] ?? root;
}

/** Direction in which a node moves: among its siblings, to its parent's level, or below the sibling before it. */
export type MoveDirection = 'up' | 'down' | 'out' | 'in';

/** Moves a node. @returns the same tree where there is no such place */
export function moveNode(root: DraftNode, id: string, move: MoveDirection): DraftNode {
  const parent = findParent(root, id);
  const index = parent?.children.findIndex((child) => child.id === id) ?? -1;
  const node = parent?.children[index];
  if (!parent || !node) return root;
  if (move === 'up' || move === 'down') {
    const other = parent.children[index + (move === 'up' ? -1 : 1)];
    if (!other) return root;
    const swapped = parent.children.map((child) => (child === node ? other : child === other ? node : child));
    return changeNode(root, parent.id, (old) => ({ ...old, children: swapped }));
  }
  const target = move === 'out' ? findParent(root, parent.id) : parent.children[index - 1];
  // A chart inside another one is found below that one alone.
  if (!target || node.package?.independent === false) return root;
  const moved = { ...node, name: chooseFreeName(target, node.name) };
  return changeNode(removeNode(root, id), target.id, (old) => ({
    ...old,
    children: [...old.children, moved],
  }));
}

/** Chooses a name that no child of a node has. */
export function chooseFreeName(parent: DraftNode, name: string): string {
  const taken = new Set(parent.children.map((child) => child.name));
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** Says why a name cannot be that of a node. @returns undefined for a good name */
export function describeNameFault(root: DraftNode, node: DraftNode, name: string): string | undefined {
  if (name === '') return 'A subchart needs a name.';
  if (name === 'package' || name === '_config') return `“${name}” has a meaning of its own in a recipe.`;
  const siblings = findParent(root, node.id)?.children ?? [];
  if (siblings.some((other) => other.id !== node.id && other.name === name))
    return `Another subchart here is called “${name}”.`;
  return undefined;
}

/**
 * Makes the source of a chart that was found. The source is the chart's newest version and those compatible with it, with all it
 * brings.
 */
export function createSourceOfFoundChart(found: {
  space: string;
  chart: string;
  version: string;
}): DraftPackage {
  const { space, chart, version } = found;
  return { independent: true, space, chart, version: `^${version}`, subcharts: 'keep' };
}

/** Makes the source of a chart that is inside the one above it. The source is the inside chart's version and those compatible with that. */
export function createSourceOfInsideChart(
  space: string,
  { name, version }: { name: string; version: string },
): DraftPackage {
  return { independent: false, space, chart: name, version: `^${version}`, subcharts: 'keep' };
}

/** Counts the nodes of a tree that have a source. */
export function countCharts(root: DraftNode): number {
  return [...eachNode(root)].filter((node) => node.package).length;
}

/** Raises the patch of a SemVer version; a pre-release becomes its release. */
export function nextPatchVersion(version: string): string {
  const match = /^(\d+)\.(\d+)\.(\d+)(-[^+]+)?(?:\+.*)?$/.exec(version);
  if (!match) return version;
  const [, major, minor, patch, preRelease] = match;
  return `${major}.${minor}.${preRelease ? patch : Number(patch) + 1}`;
}
