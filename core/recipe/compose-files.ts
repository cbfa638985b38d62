import type { ChartFiles } from '../chart/chart.ts';
import { orderFiles } from '../chart/chart-order.ts';
import type { Editor } from '../chart/editor.ts';
import { equalJson, getKey, isObject, type Json } from '../chart/json.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { composeManifest, type Identity } from './compose-manifest.ts';
import { composeValues, configTree, pruneValues } from './compose-values.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';

/** Files that a composed chart has new, or not at all, whatever its source says. */
const rewritten: ReadonlySet<string> = new Set([
  'Chart.yaml',
  'Chart.lock',
  'requirements.yaml',
  'requirements.lock',
]);

/**
 * The files of the new chart by their paths below its folder, in the order of an archive: a chart's own files, Chart.yaml
 * and values.yaml first, then its subcharts by name. Bytes that need no change are the source's own buffers.
 */
export function* composeFiles(root: ResolvedNode, plan: Plan, editor: Editor): Generator<[string, Buffer]> {
  const description = plan.description === undefined ? {} : { description: plan.description };
  const identity = { name: plan.chart, version: plan.version, ...description };
  yield* orderFiles(ownFiles(root, identity, rootValues(root, plan, editor), editor));
  const config = configTree(root);
  for (const child of root.children) yield* childFiles(child, plan, `charts/${child.name}/`, config, editor);
}

function* childFiles(
  child: ResolvedNode,
  plan: Plan,
  prefix: string,
  parent: Json | undefined,
  editor: Editor,
): Generator<[string, Buffer]> {
  const config = isObject(parent) ? getKey(parent, child.name) : undefined;
  const own = ownFiles(child, { name: child.name }, childValues(child, plan, config, editor), editor);
  for (const [path, bytes] of orderFiles(own)) yield [prefix + path, bytes];
  for (const inner of child.children)
    yield* childFiles(inner, plan, `${prefix}charts/${inner.name}/`, config, editor);
}

/** By their paths below the node's own folder. */
function ownFiles(
  node: ResolvedNode,
  identity: Identity,
  values: Buffer | undefined,
  editor: Editor,
): ChartFiles {
  const { source, children } = node;
  const files = composeManifest(source, identity, composeDependencies(source.dependencies, children), editor);
  if (values) files.set('values.yaml', values);
  for (const [path, bytes] of source.files) {
    if (path !== 'values.yaml' && !rewritten.has(path) && stays(path, children)) files.set(path, bytes);
  }
  return files;
}

/** In `charts/`, signatures of archives that are no longer there go, and what stands where a child will. */
function stays(path: string, children: readonly ResolvedNode[]): boolean {
  if (!path.startsWith('charts/')) return true;
  const [, name] = path.split('/');
  return !path.endsWith('.prov') && !children.some((child) => child.name === name);
}

/** Comments of the source's values.yaml stay as far as its values do. */
function rootValues(root: ResolvedNode, plan: Plan, editor: Editor): Buffer | undefined {
  const bytes = root.source.files.get('values.yaml');
  const values = composeValues(root, plan.values);
  if (plan.values !== 'merge') return editor.write(values);
  if (equalJson(values, root.source.values)) return bytes;
  return editor.edit(bytes ?? Buffer.alloc(0), values);
}

/** Byte for byte the source's, but for what null removes; nothing, where the recipe's values are all there is. */
function childValues(
  child: ResolvedNode,
  plan: Plan,
  config: Json | undefined,
  editor: Editor,
): Buffer | undefined {
  const bytes = child.source.files.get('values.yaml');
  if (bytes === undefined) return undefined;
  if (plan.values !== 'merge') return editor.write({});
  const values = pruneValues(child.source.values, config);
  return values === child.source.values ? bytes : editor.edit(bytes, values);
}
