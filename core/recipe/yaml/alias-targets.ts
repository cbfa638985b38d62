import { type Alias, isAlias, isMap, isScalar, isSeq } from 'yaml';

/**
 * Finds the node that each alias of a document stands for. An alias stands for the last one before it with its
 * anchor. One pass finds all; `Alias.resolve` would walk through the document again for each.
 */
export function findAliasTargets(root: unknown): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();

  function collect(node: unknown): void {
    if (isAlias(node)) {
      targets.set(node, anchors.get(node.source));
      return;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) for (const item of node.items) collect(item);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      collect(key);
      collect(value);
    }
  }

  collect(root);
  return targets;
}
