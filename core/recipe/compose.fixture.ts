import { createHash } from 'node:crypto';
import type { Digest } from '../blobs/port.ts';
import type { Chart, Dependency } from '../chart/chart.ts';
import type { JsonObject } from '../yaml/json.ts';
import { parseValues, stringifyYaml } from '../yaml/yaml.ts';
import type { Plan, PlannedNode } from './plan.ts';

/** What a chart for tests is made from; everything but the name has a default. */
export interface ChartSpec {
  name: string;
  version?: string;
  apiVersion?: 'v1' | 'v2';
  dependencies?: Dependency[];
  /** Text of values.yaml; none where it is left out. */
  values?: string;
  files?: Record<string, string>;
  subcharts?: Chart[];
}

/** A chart as it comes out of an archive. */
export function makeChart(spec: ChartSpec): Chart {
  const {
    name,
    version = '1.0.0',
    apiVersion = 'v2',
    dependencies = [],
    values,
    files = {},
    subcharts = [],
  } = spec;
  const manifest = { apiVersion, name, version };
  const declared = dependencies.length > 0 ? { dependencies } : {};
  const texts: Record<string, string> = {
    'Chart.yaml': stringifyYaml(apiVersion === 'v1' ? manifest : { ...manifest, ...declared }),
    ...(apiVersion === 'v1' && dependencies.length > 0
      ? { 'requirements.yaml': stringifyYaml(declared) }
      : {}),
    ...(values === undefined ? {} : { 'values.yaml': values }),
    ...files,
  };
  return {
    name,
    version,
    apiVersion,
    manifest,
    dependencies,
    ...parseValues(values ?? '', { file: 'values.yaml', code: 'values.invalid' }),
    files: new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)])),
    subcharts,
  };
}

/** A digest that stands for a chart of a test: made of its name, version and files. */
export function digestOf(chart: Chart): Digest {
  const hash = createHash('sha256').update(JSON.stringify([chart.name, chart.version]));
  for (const [path, bytes] of chart.files) hash.update(path).update(bytes);
  return `sha256:${hash.digest('hex')}`;
}

/** Nodes by name: the chart, its configuration, and its children. */
export interface NodeSpec {
  chart: Chart;
  /** Taken out of the parent's source. */
  inside?: boolean;
  /** The source's own subcharts that are no children stay. */
  keep?: boolean;
  config?: JsonObject;
  children?: Record<string, NodeSpec>;
}

/** A plan for `shop` 2.0.0, and the sources that it needs. */
export function makePlan(
  root: NodeSpec,
  rest: Partial<Plan> = {},
): { plan: Plan; sources: Map<Digest, Chart> } {
  const sources = new Map<Digest, Chart>();
  const planned = makeNode(root, sources);
  return {
    plan: { space: 'shops', chart: 'shop', version: '2.0.0', values: 'merge', ...rest, root: planned },
    sources,
  };
}

function makeNode(
  { chart, inside, keep, config, children = {} }: NodeSpec,
  sources: Map<Digest, Chart>,
): PlannedNode {
  const { name, version } = chart;
  const digest = digestOf(chart);
  if (!inside) sources.set(digest, chart);
  return {
    source: inside
      ? { kind: 'subchart', chart: name, version }
      : { kind: 'stored', space: 'lib', chart: name, version, digest },
    ...(keep ? { keep: true as const } : {}),
    ...(config ? { config } : {}),
    children: Object.keys(children)
      .sort()
      .flatMap((key) => {
        const child = children[key];
        return child ? [{ name: key, node: makeNode(child, sources) }] : [];
      }),
  };
}
