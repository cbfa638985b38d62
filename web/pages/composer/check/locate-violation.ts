import { joinPointer, valueAt, writePath } from '../../../parts/values/values-tree.ts';
import type { DraftNode } from '../draft.ts';
import { lineOfPointer } from '../fault-place.ts';
import { type ConfigFault, readConfigOfNode } from '../recipe-of-draft.ts';
import type { SchemaCheck } from './list-schema-checks.ts';
import type { Violation } from './validate-values.ts';

/**
 * Finds the node and line where a violation can be mended. The place is the configuration that sets the value, the
 * innermost first,
 * since that one wins; or else the node that brings the chart.
 */
export function locateViolation(
  root: DraftNode,
  { keys, node: owner, values }: SchemaCheck,
  violation: Violation,
): { node: DraftNode; fault: ConfigFault } {
  const pointer = `${keys.reduce(joinPointer, '')}${violation.pointer}`;
  const nodes = [...nodesOnWay(root, keys)].reverse();
  const place =
    nodes.find(({ node, above }) => configSetsPointer(node, pointer.slice(above.length))) ??
    nodes.find(({ node }) => node === owner);
  const { node, above } = place ?? { node: owner, above: '' };
  const own = pointer.slice(above.length);
  const between = keys.slice(above.split('/').length - 1);
  const path = [...between, writePath(violation.pointer, values)].filter((part) => part !== '').join('.');
  const message = `${path === '' ? 'The map' : path} ${violation.message}`;
  return { node, fault: { message, pointer: own, line: lineOfPointer(node.config, own) } };
}

/** Lists the nodes on the way to a chart, each with the pointer of its values in those of the root. */
function* nodesOnWay(
  root: DraftNode,
  keys: readonly string[],
): Generator<{ node: DraftNode; above: string }> {
  let node: DraftNode | undefined = root;
  let above = '';
  for (const key of [...keys, undefined]) {
    if (!node) return;
    yield { node, above };
    node = key === undefined ? undefined : node.children.find(({ name }) => name === key);
    above = key === undefined ? above : joinPointer(above, key);
  }
}

function configSetsPointer(node: DraftNode, pointer: string): boolean {
  const read = readConfigOfNode(node);
  return pointer !== '' && 'value' in read && valueAt(read.value, pointer) !== undefined;
}
