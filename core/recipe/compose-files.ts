import type { ArchivePart } from '../archive/assembly/index.ts';
import type { Chart } from '../chart/chart.ts';
import type { Editor } from '../yaml/edit/editor.ts';
import { equalJson, type Json, type JsonObject } from '../yaml/json.ts';
import { composeDependencies } from './compose-dependencies.ts';
import { composeManifest, type Identity } from './compose-manifest.ts';
import { configTree } from './compose-values.ts';
import { type KeptSubchart, keepAll, orderByFolder } from './keep-subcharts.ts';
import { configBelow, keptConfig } from './node-config.ts';
import { childValues, keptValues, type OwnValues } from './own-values.ts';
import type { Plan } from './plan.ts';
import type { ResolvedNode } from './resolve-tree.ts';
import { rootValues } from './root-values.ts';

/** Files that a composed chart has new, or not at all, whatever its source says. */
const rewritten: ReadonlySet<string> = new Set([
  'Chart.yaml',
  'Chart.lock',
  'requirements.yaml',
  'requirements.lock',
]);

/** What all files of one new chart are made with. */
interface Making {
  plan: Plan;
  editor: Editor;
}

/**
 * The charts of the new one, itself first, then its subcharts by name: what is made for each, and what stays of its
 * source's files.
 */
export function* composeParts(root: ResolvedNode, plan: Plan, editor: Editor): Generator<ArchivePart> {
  const making = { plan, editor };
  const description = plan.description === undefined ? {} : { description: plan.description };
  const identity = { name: plan.chart, version: plan.version, ...description };
  const config = configTree(root);
  yield ownPart(root, identity, rootFile(root, making, config), making, '');
  yield* subchartParts(root, making, 'charts/', config);
}

/** Children and what is kept, by their folders. */
function* subchartParts(
  { children, kept }: ResolvedNode,
  making: Making,
  prefix: string,
  config: Json | undefined,
): Generator<ArchivePart> {
  const parts = [...children.map((child) => ({ folder: child.name, child })), ...(kept?.subcharts ?? [])];
  for (const part of orderByFolder(parts)) {
    const folder = `${prefix}${part.folder}/`;
    if ('child' in part) yield* childParts(part.child, making, folder, config);
    else yield* keptParts(part, making, folder, config);
  }
}

/** A chart that stays whole, byte for byte but for its values. */
function* keptParts(
  part: KeptSubchart,
  making: Making,
  prefix: string,
  parent: Json | undefined,
): Generator<ArchivePart> {
  const { chart } = part;
  const config = keptConfig(part, parent);
  const values = fileBelow(chart, making, () => keptValues(chart, config));
  const made = new Map(values ? [['values.yaml', values]] : []);
  yield { prefix, source: chart.files, made, keeps: () => true };
  for (const inner of orderByFolder(keepAll(chart))) {
    yield* keptParts(inner, making, `${prefix}charts/${inner.folder}/`, config);
  }
}

function* childParts(
  child: ResolvedNode,
  making: Making,
  prefix: string,
  parent: Json | undefined,
): Generator<ArchivePart> {
  const config = configBelow(parent, child.name);
  const values = fileBelow(child.source, making, () => childValues(child, config));
  yield ownPart(child, { name: child.name }, values, making, prefix);
  yield* subchartParts(child, making, `${prefix}charts/`, config);
}

function ownPart(
  { source, children, kept }: ResolvedNode,
  identity: Identity,
  values: Buffer | undefined,
  { editor }: Making,
  prefix: string,
): ArchivePart {
  const dependencies = composeDependencies(source.dependencies, children, kept);
  const made = composeManifest(source, identity, dependencies, editor);
  if (values) made.set('values.yaml', values);
  return { prefix, source: source.files, made, keeps: (path) => stays(path, children) };
}

/** In `charts/`, signatures of archives that are no longer there go, and what stands where a child will. */
function stays(path: string, children: readonly ResolvedNode[]): boolean {
  if (path === 'values.yaml' || rewritten.has(path)) return false;
  if (!path.startsWith('charts/')) return true;
  const [, name] = path.split('/');
  return !path.endsWith('.prov') && !children.some((child) => child.name === name);
}

/** Comments of the source's values.yaml stay as far as its values do. */
function rootFile(root: ResolvedNode, { plan, editor }: Making, config: JsonObject): Buffer | undefined {
  const bytes = root.source.files.get('values.yaml');
  const { key, compose } = rootValues(root, plan.values, config);
  if (!bytes || plan.values !== 'merge') {
    const values = compose();
    return !bytes && equalJson(values, {}) && plan.values === 'merge' ? undefined : editor.write(values);
  }
  return editor.recall(bytes, JSON.stringify(key), () => {
    const values = compose();
    return equalJson(values, root.source.values) ? bytes : editor.edit(bytes, values);
  });
}

/** Byte for byte the source's where its values stay; nothing, where the recipe's values are all there is. */
function fileBelow(source: Chart, { plan, editor }: Making, own: () => OwnValues): Buffer | undefined {
  const bytes = source.files.get('values.yaml');
  if (plan.values !== 'merge') return bytes && editor.write({});
  const { values, key } = own();
  if (values === source.values) return bytes;
  if (!bytes) return editor.write(values);
  return editor.recall(bytes, JSON.stringify(key), () => editor.edit(bytes, values));
}
