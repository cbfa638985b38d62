import type { ArchivePart } from '../archive/assembly/index.ts';
import type { Chart } from '../chart/chart.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import { equalJson, type Json, type JsonObject } from '../yaml/json.ts';
import { composeChartYaml, type NewChartFields } from './compose-chart-yaml.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { configTree } from './compose-values.ts';
import { type KeptSubchart, keepAll, orderByFolder } from './keep-subcharts.ts';
import { configBelow, keptConfig } from './node-config.ts';
import { childValues, keptValues, type OwnValues } from './own-values.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { rootValues } from './root-values.ts';

/** Files that are always rewritten or dropped. */
const rewrittenFileNames: ReadonlySet<string> = new Set([
  'Chart.yaml',
  'Chart.lock',
  'requirements.yaml',
  'requirements.lock',
]);

/** The plan and the editor that all files of one new chart share. */
interface CompositionContext {
  plan: Plan;
  editor: Editor;
}

/**
 * Composes the new chart's files, one part for each chart. The root comes first, then its subcharts by name. A part
 * has the files that are made, and decides which files of the source stay.
 */
export function* composeParts(root: ResolvedNode, plan: Plan, editor: Editor): Generator<ArchivePart> {
  const context = { plan, editor };
  const description = plan.description === undefined ? {} : { description: plan.description };
  const identity = { name: plan.chart, version: plan.version, ...description, ...plan.metadata };
  const config = configTree(root);
  yield composeOwnPart(root, identity, writeRootValues(root, context, config), context, '');
  yield* subchartParts(root, context, 'charts/', config);
}

/** Composes children and kept subcharts, in order of their folders. */
function* subchartParts(
  { children, kept }: ResolvedNode,
  context: CompositionContext,
  prefix: string,
  config: Json | undefined,
): Generator<ArchivePart> {
  const parts = [...children.map((child) => ({ folder: child.name, child })), ...(kept?.subcharts ?? [])];
  for (const part of orderByFolder(parts)) {
    const folder = `${prefix}${part.folder}/`;
    if ('child' in part) yield* childParts(part.child, context, folder, config);
    else yield* keptParts(part, context, folder, config);
  }
}

/** Keeps a subchart whole, byte for byte except its values and versions that were pinned. */
function* keptParts(
  part: KeptSubchart,
  context: CompositionContext,
  prefix: string,
  parent: Json | undefined,
): Generator<ArchivePart> {
  const { chart } = part;
  const config = keptConfig(part, parent);
  const values = writeValuesBelowRoot(chart, context, () => keptValues(chart, config));
  const { name, dependencies, pinned } = chart;
  const made = pinned
    ? composeChartYaml(chart, { name }, dependencies, context.editor)
    : new Map<string, Buffer>();
  if (values) made.set('values.yaml', values);
  yield { prefix, source: chart.files, made, keeps: (path) => !pinned || !rewrittenFileNames.has(path) };
  for (const inner of orderByFolder(keepAll(chart))) {
    yield* keptParts(inner, context, `${prefix}charts/${inner.folder}/`, config);
  }
}

function* childParts(
  child: ResolvedNode,
  context: CompositionContext,
  prefix: string,
  parent: Json | undefined,
): Generator<ArchivePart> {
  const config = configBelow(parent, child.name);
  const values = writeValuesBelowRoot(child.source, context, () => childValues(child, config));
  yield composeOwnPart(child, { name: child.name }, values, context, prefix);
  yield* subchartParts(child, context, `${prefix}charts/`, config);
}

function composeOwnPart(
  { source, children, kept }: ResolvedNode,
  identity: NewChartFields,
  values: Buffer | undefined,
  { editor }: CompositionContext,
  prefix: string,
): ArchivePart {
  const dependencies = composeDependencies(source.dependencies, children, kept);
  const made = composeChartYaml(source, identity, dependencies, editor);
  if (values) made.set('values.yaml', values);
  return { prefix, source: source.files, made, keeps: (path) => keepsFile(path, children) };
}

/** Decides whether a source's file stays. In `charts/`, signatures of archives go, and files in a child's place. */
function keepsFile(path: string, children: readonly ResolvedNode[]): boolean {
  if (path === 'values.yaml' || rewrittenFileNames.has(path)) return false;
  if (!path.startsWith('charts/')) return true;
  const [, name] = path.split('/');
  return !path.endsWith('.prov') && !children.some((child) => child.name === name);
}

/** Writes the root's values.yaml; comments stay as long as their values do. */
function writeRootValues(
  root: ResolvedNode,
  { plan, editor }: CompositionContext,
  config: JsonObject,
): Buffer | undefined {
  const bytes = root.source.files.get('values.yaml');
  const { key, compose } = rootValues(root, plan.values, config);
  if (!bytes || plan.values !== 'merge') {
    const values = compose();
    return !bytes && equalJson(values, {}) && plan.values === 'merge' ? undefined : editor.write(values);
  }
  return editor.memoize(bytes, JSON.stringify(key), () => {
    const values = compose();
    return equalJson(values, root.source.values) ? bytes : editor.edit(bytes, values);
  });
}

/**
 * Writes the values.yaml of a chart below the root: the source's bytes if its values stay.
 * By `replace` and `literal` the file is empty, because the root's values are all there is.
 */
function writeValuesBelowRoot(
  source: Chart,
  { plan, editor }: CompositionContext,
  computeOwn: () => OwnValues,
): Buffer | undefined {
  const bytes = source.files.get('values.yaml');
  if (plan.values !== 'merge') return bytes && editor.write({});
  const { values, key } = computeOwn();
  if (values === source.values) return bytes;
  if (!bytes) return editor.write(values);
  return editor.memoize(bytes, JSON.stringify(key), () => editor.edit(bytes, values));
}
