import type { Chart, ChartFiles } from '../chart/chart.ts';
import { orderFiles } from '../chart/chart-order.ts';
import { equalJson, getKey, isObject, type Json } from '../chart/json.ts';
import { stringifyYaml } from '../chart/yaml.ts';
import { rewriteYaml } from '../chart/yaml-edit.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { composeManifest, type Identity } from './compose-manifest.ts';
import { keptConfig } from './compose-tree.ts';
import { composeValues, configTree, pruneValues } from './compose-values.ts';
import { inOrder, type KeptSubchart, keepAll } from './keep-subcharts.ts';
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
export function* composeFiles(root: ResolvedNode, plan: Plan): Generator<[string, Buffer]> {
  const description = plan.description === undefined ? {} : { description: plan.description };
  const identity = { name: plan.chart, version: plan.version, ...description };
  yield* orderFiles(ownFiles(root, identity, rootValues(root, plan)));
  yield* subchartFiles(root, plan, 'charts/', configTree(root));
}

/** Children and what is kept, by their folders. */
function* subchartFiles(
  { children, kept }: ResolvedNode,
  plan: Plan,
  prefix: string,
  config: Json | undefined,
): Generator<[string, Buffer]> {
  const parts = [...children.map((child) => ({ folder: child.name, child })), ...(kept?.subcharts ?? [])];
  for (const part of inOrder(parts)) {
    const folder = `${prefix}${part.folder}/`;
    if ('child' in part) yield* childFiles(part.child, plan, folder, config);
    else yield* keptFiles(part, plan, folder, config);
  }
}

/** A chart that stays whole, byte for byte but for its values. */
function* keptFiles(
  part: KeptSubchart,
  plan: Plan,
  prefix: string,
  parent: Json | undefined,
): Generator<[string, Buffer]> {
  const { chart } = part;
  const config = keptConfig(part, parent);
  const values = valuesBelow(chart, plan, config);
  for (const [path, bytes] of orderFiles(chart.files)) {
    yield [prefix + path, path === 'values.yaml' && values ? values : bytes];
  }
  for (const inner of inOrder(keepAll(chart))) {
    yield* keptFiles(inner, plan, `${prefix}charts/${inner.folder}/`, config);
  }
}

function* childFiles(
  child: ResolvedNode,
  plan: Plan,
  prefix: string,
  parent: Json | undefined,
): Generator<[string, Buffer]> {
  const config = isObject(parent) ? getKey(parent, child.name) : undefined;
  const own = ownFiles(child, { name: child.name }, valuesBelow(child.source, plan, config));
  for (const [path, bytes] of orderFiles(own)) yield [prefix + path, bytes];
  yield* subchartFiles(child, plan, `${prefix}charts/`, config);
}

/** By their paths below the node's own folder. */
function ownFiles(node: ResolvedNode, identity: Identity, values: Buffer | undefined): ChartFiles {
  const { source, children, kept } = node;
  const files = composeManifest(source, identity, composeDependencies(source.dependencies, children, kept));
  if (values) files.set('values.yaml', values);
  for (const [path, bytes] of source.files) {
    if (path !== 'values.yaml' && !rewritten.has(path) && stays(path, children)) files.set(path, bytes);
  }
  return files;
}

/** In `charts/`, signatures of archives that are no longer there go, and what stands where a child will. */
function stays(path: string, children: readonly ResolvedNode[]): boolean {
  const [folder, name] = path.split('/');
  if (folder !== 'charts' || name === undefined) return true;
  return !path.endsWith('.prov') && !children.some((child) => child.name === name);
}

/** Comments of the source's values.yaml stay as far as its values do. */
function rootValues(root: ResolvedNode, plan: Plan): Buffer | undefined {
  const bytes = root.source.files.get('values.yaml');
  const values = composeValues(root, plan.values);
  if (plan.values !== 'merge') return Buffer.from(stringifyYaml(values));
  if (equalJson(values, root.source.values)) return bytes;
  return Buffer.from(rewriteYaml(bytes?.toString('utf8') ?? '', values));
}

/** Byte for byte the source's, but for what null removes; nothing, where the recipe's values are all there is. */
function valuesBelow(source: Chart, plan: Plan, config: Json | undefined): Buffer | undefined {
  const bytes = source.files.get('values.yaml');
  if (bytes === undefined) return undefined;
  if (plan.values !== 'merge') return Buffer.from('{}\n');
  const values = pruneValues(source.values, config);
  return values === source.values ? bytes : Buffer.from(rewriteYaml(bytes.toString('utf8'), values));
}
