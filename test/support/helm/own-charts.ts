import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json, type JsonObject } from '../../../core/yaml/json.ts';
import { parseYamlMap, stringifyYaml } from '../../../core/yaml/yaml.ts';
import { type ChartTree, type Composition, mergeValues } from './composition.ts';
import { type Helm, runHelm } from './program.ts';

/** Folder of a chart's sources. */
export interface SourceFolder {
  folder: string;
  version: string;
}

/**
 * Packages with Helm the charts that recipes compose. The sources are folders that depend on each other by `file://`, with
 * an alias where the recipe gives another name; `helm package --dependency-update` packages all in one process.
 *
 * @param work an empty folder; the archives are written into `work/packages`
 * @returns the packaged charts by the compositions' names.
 */
export async function packageOwn(
  helm: Helm,
  compositions: readonly Composition[],
  sources: ReadonlyMap<string, SourceFolder>,
  work: string,
): Promise<Map<string, string>> {
  const folders: string[] = [];
  for (const { chart, root, ownValues } of compositions) {
    const folder = join(work, chart);
    folders.push(...(await writeTree(root, folder, { helm, sources }, { name: chart, version: '7.0.0' })));
    if (ownValues) {
      const values = mergeValues(await readYaml(join(folder, 'values.yaml')), ownValues);
      await writeFile(join(folder, 'values.yaml'), stringifyYaml(values));
    }
  }
  const packages = join(work, 'packages');
  await packageFolders(helm, folders, packages, work);
  return new Map(compositions.map(({ chart }) => [chart, join(packages, `${chart}-7.0.0.tgz`)]));
}

/** Packages folders of charts with their dependencies. A folder must stand after those it depends on. */
export async function packageFolders(
  helm: Helm,
  folders: readonly string[],
  target: string,
  home: string,
): Promise<void> {
  await mkdir(target, { recursive: true });
  const args = ['package', '--dependency-update', '--destination', target, ...folders];
  const { passed, stderr } = await runHelm(helm, args, home);
  if (!passed) throw new Error(`helm package failed: ${stderr}`);
}

interface Workplace {
  helm: Helm;
  sources: ReadonlyMap<string, SourceFolder>;
}

/** Writes the folders of a node and of all its descendants. @returns the folders, the deepest first */
async function writeTree(
  node: ChartTree,
  folder: string,
  place: Workplace,
  identity: JsonObject = {},
): Promise<string[]> {
  const children = Object.entries(node.children ?? {});
  const below: string[] = [];
  for (const [name, child] of children) {
    const renamed = needRenamedCharts(children, place.helm) ? { name } : {};
    below.push(...(await writeTree(child, `${folder}.${name}`, place, renamed)));
  }
  const source = sourceOf(node, place.sources);
  await cp(source.folder, folder, { recursive: true, preserveTimestamps: true });
  for (const name of ['charts', 'Chart.lock', 'requirements.lock']) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
  const manifest = await readYaml(join(folder, 'Chart.yaml'));
  const v1 = manifest.apiVersion !== 'v2';
  const requirements = v1 ? await readYaml(join(folder, 'requirements.yaml')) : manifest;
  const declared = Array.isArray(requirements.dependencies) ? requirements.dependencies : [];
  const dependencies = dependenciesOf(declared.filter(isObject), children, folder, place);
  if (v1 && dependencies.length === 0) await rm(join(folder, 'requirements.yaml'), { force: true });
  if (v1 && dependencies.length > 0) {
    await writeFile(join(folder, 'requirements.yaml'), stringifyYaml({ dependencies }));
  }
  const written = v1 ? { ...manifest, ...identity } : { ...manifest, ...identity, dependencies };
  await writeFile(join(folder, 'Chart.yaml'), stringifyYaml(written));
  return [...below, folder];
}

/** Builds the dependencies of a node: the declared ones with a child, in their order, then those of new children. */
function dependenciesOf(
  declared: readonly JsonObject[],
  children: readonly [string, ChartTree][],
  folder: string,
  { helm, sources }: Workplace,
): Json[] {
  const remaining = new Map(children.map(([name, child]) => [child.entry ?? name, { name, child }]));
  const entryOf = (entry: JsonObject, name: string, child: ChartTree): JsonObject => {
    const { alias: _alias, ...kept } = entry;
    const { version } = sourceOf(child, sources);
    const dependency = { ...kept, version, repository: `file://${folder}.${name}` };
    const named = needRenamedCharts(children, helm) ? name : child.source;
    return { ...dependency, name: named, ...(named === name ? {} : { alias: name }) };
  };
  const known = declared.flatMap((entry) => {
    const key = String(entry.alias ?? entry.name);
    const found = remaining.get(key);
    remaining.delete(key);
    return found ? [entryOf(entry, found.name, found.child)] : [];
  });
  const added = [...remaining.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...known, ...added.map(({ name, child }) => entryOf({}, name, child))];
}

/**
 * Tells whether the charts in one parent must be renamed in their Chart.yaml, instead of by aliases in the parent's.
 * Aliases fail in three cases. Below a chart that is there twice, Helm 3 renames only in the first, because both share
 * entries. Helm fetches one archive for both, so the charts below both cannot differ. Where the new name of a chart is
 * the old name of another, Helm may confuse the two.
 */
function needRenamedCharts(siblings: readonly [string, ChartTree][], helm: Helm): boolean {
  return siblings.some(([name, { source }]) => {
    const twins = siblings.filter(([, twin]) => twin.source === source);
    const differ = new Set(twins.map(([, twin]) => shapeOf(twin))).size > 1;
    const isUsed = siblings.some(([other, twin]) => other === source && twin.source !== source);
    return (twins.length > 1 && (helm.major === 3 || differ)) || (isUsed && name !== source);
  });
}

function shapeOf({ source, children = {} }: ChartTree): string {
  return JSON.stringify([source, Object.entries(children).map(([name, child]) => [name, shapeOf(child)])]);
}

function sourceOf({ source }: ChartTree, sources: ReadonlyMap<string, SourceFolder>): SourceFolder {
  const found = sources.get(source);
  if (!found) throw new Error(`there is no chart ${source}`);
  return found;
}

async function readYaml(path: string): Promise<JsonObject> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return parseYamlMap(text, { file: path, code: 'chart.invalid' });
}
