import { type DraftNode, eachNode, findNode, findParent } from './draft.ts';

/**
 * Says what has changed between two trees of one recipe. Charts were added, removed, renamed or moved.
 * @param selected id of the node whose place is told when it has moved
 * @returns an empty text where the trees are alike
 */
export function describeTreeChange(before: DraftNode, after: DraftNode, selected: string): string {
  if (before.id !== after.id) {
    const count = [...eachNode(after)].length - 1;
    return `The recipe has ${count} ${count === 1 ? 'chart' : 'charts'} below the root.`;
  }
  const added = [...eachNode(after)].filter(({ id }) => !findNode(before, id));
  const removed = [...eachNode(before)].filter(
    ({ id }) => !findNode(after, id) && findNode(after, findParent(before, id)?.id ?? ''),
  );
  const renamed = [...eachNode(after)].flatMap(({ id, name }) => {
    const old = findNode(before, id)?.name ?? name;
    return old === name ? [] : [`${old} is called ${name}.`];
  });
  const isMoved =
    added.length + removed.length === 0 && placeOf(before, selected) !== placeOf(after, selected);
  return [
    ...added.map((node) => `${node.name} is added below ${nameOf(after, findParent(after, node.id))}.`),
    ...removed.map(({ name }) => `${name} is removed.`),
    ...renamed,
    ...(isMoved ? [`${findNode(after, selected)?.name} is ${placeOf(after, selected)}.`] : []),
    ...describeRootSource(before, after),
  ].join(' ');
}

function placeOf(root: DraftNode, id: string): string {
  const parent = findParent(root, id);
  const at = parent?.children.findIndex((child) => child.id === id) ?? 0;
  return `${at + 1} of ${parent?.children.length ?? 1} below ${nameOf(root, parent)}`;
}

function nameOf(root: DraftNode, node: DraftNode = root): string {
  return node.id === root.id ? 'the root' : node.name;
}

function describeRootSource(before: DraftNode, after: DraftNode): string[] {
  const { package: old } = before;
  const { package: source } = after;
  if (old?.chart === source?.chart && old?.space === source?.space) return [];
  return [source ? `The root begins with ${source.space}/${source.chart}.` : 'The root is an umbrella.'];
}
