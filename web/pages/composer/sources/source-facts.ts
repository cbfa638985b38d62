import type { ChartFile, Metadata } from '@helm-registry/client';
import { type DependencyInChartFile, readDeclaredDependencies } from '../../../api/clean-details.ts';
import { declaredDependenciesQuery } from '../../../api/dependencies.ts';
import { registry } from '../../../api/registry.ts';
import { isMap, type JsonMap } from '../../../parts/values/schema-places.ts';
import { joinPointer, valueAt } from '../../../parts/values/values-tree.ts';
import type { DraftNode } from '../draft.ts';
import { readOwnValues } from './own-values.ts';
import type { NodeSource } from './source-of-node.ts';

/** Chart directly inside another one. */
export interface InsideChart {
  name: string;
  version: string;
  /** Keys of its values in the chart around it: its aliases, or its name. */
  keys: readonly string[];
}

/** Schema of a chart inside a source, at any depth. */
export interface InsideSchema {
  /** Keys below which its values stand. */
  keys: readonly string[];
  schema: string;
}

/** Facts about the chart from which a node is made. */
export interface SourceFacts {
  /** Version that a range means now. */
  version: string;
  /** Values that templates get, those of charts inside too. */
  values: JsonMap;
  /** Values that the chart itself sets for charts inside. */
  ownValues: JsonMap;
  schema?: string;
  inside: readonly InsideChart[];
  schemasInside: readonly InsideSchema[];
  /** Dependencies that it declares, with their conditions and tags. */
  dependencies: readonly DependencyInChartFile[];
}

/** Largest schema that is read, in bytes, and how many of those inside a chart. */
const schemaLimits = { bytes: 2_000_000, count: 40 };

/** Reads the facts of a source. @returns undefined where there is no such version, or no such chart inside */
export async function readSourceFacts(
  source: NodeSource,
  signal: AbortSignal,
): Promise<SourceFacts | undefined> {
  const chart = registry.space(source.space).chart(source.chart);
  const range = source.version === 'latest' ? {} : { range: source.version };
  const [newest] = (await chart.versions(range).page({ limit: 1, signal })).items;
  if (!newest) return undefined;
  const ref = { space: source.space, chart: source.chart, version: newest.version };
  const version = chart.version(newest.version);
  const folder = source.inside.map((name) => `charts/${name}/`).join('');
  const readText = (path: string) => version.fileText(path, { signal }).catch(() => undefined);
  const [{ parse }, metadata, values, files] = await Promise.all([
    import('yaml'),
    version.metadata({ signal }),
    version.values({ signal }),
    version.files({ kind: 'schema', path: folder }, { signal }).page({ limit: 1_000 }),
  ]);
  const here = source.inside.reduce<Metadata | undefined>(
    (found, name) => found?.dependencies?.find((inner) => inner.name === name),
    metadata,
  );
  if (!here) return undefined;
  const hasInside = (here.dependencies ?? []).length > 0;
  const dependencies = hasInside
    ? folder === ''
      ? await declaredDependenciesQuery.load(ref, signal)
      : readDeclaredDependencies(parse((await readText(`${folder}Chart.yaml`)) ?? ''))
    : [];
  const inside = (here.dependencies ?? []).map(({ name, version }) => ({
    name,
    version,
    keys: valuesKeysOfInsideChart(name, dependencies),
  }));
  const place = await findKeysToInsideChart(source.inside, ref, signal);
  const effective = jsonMapOrEmpty(valueAt(values, place.reduce(joinPointer, '')));
  const ownText = hasInside ? ((await readText(`${folder}values.yaml`)) ?? '') : '';
  const schemas = await readSchemas(files.items, folder, readText);
  const schema = schemas.get('');
  return {
    version: here.version,
    values: effective,
    ownValues: readOwnValues(ownText, parse, effective),
    ...(schema === undefined ? {} : { schema }),
    inside,
    schemasInside: [...schemas].flatMap(([path, text]) => {
      const [first, ...others] = path === '' ? [] : path.split('/');
      if (first === undefined) return [];
      return valuesKeysOfInsideChart(first, dependencies).map((key) => ({
        keys: [key, ...others],
        schema: text,
      }));
    }),
    dependencies,
  };
}

/** Lists the charts inside a node's source from which no child is made. */
export function listUnusedInsideCharts(node: DraftNode, { inside }: SourceFacts): InsideChart[] {
  const taken = new Set(
    node.children.flatMap(({ package: source }) => (source?.independent === false ? [source.chart] : [])),
  );
  return inside.filter(({ name }) => !taken.has(name));
}

/** Reads the schemas below a folder. @returns texts by the names on the way to the chart, as `db/common` */
async function readSchemas(
  files: readonly ChartFile[],
  folder: string,
  readText: (path: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const wanted = files
    .filter(({ path, size }) => path.startsWith(folder) && size <= schemaLimits.bytes)
    .slice(0, schemaLimits.count);
  const texts = await Promise.all(
    wanted.map(async ({ path }) => {
      const names = [...path.slice(folder.length).matchAll(/charts\/([^/]+)\//g)].map(([, name]) => name);
      return [names.join('/'), await readText(path)] as const;
    }),
  );
  return new Map(texts.flatMap(([names, text]) => (text === undefined ? [] : [[names, text] as const])));
}

/** Returns the keys under which a chart around it has the values of a chart inside. */
function valuesKeysOfInsideChart(name: string, dependencies: readonly DependencyInChartFile[]): string[] {
  const declared = dependencies.filter((entry) => entry.name === name);
  return declared.length === 0 ? [name] : declared.map(({ alias }) => alias ?? name);
}

/** Finds the keys on the way to a chart inside; those of the first level by its alias. */
async function findKeysToInsideChart(
  inside: readonly string[],
  ref: { space: string; chart: string; version: string },
  signal: AbortSignal,
): Promise<string[]> {
  const [first, ...others] = inside;
  if (first === undefined) return [];
  const [key = first] = valuesKeysOfInsideChart(first, await declaredDependenciesQuery.load(ref, signal));
  return [key, ...others];
}

function jsonMapOrEmpty(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}
