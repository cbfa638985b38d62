import { createHash } from 'node:crypto';
import type { Digest } from '../blobs/port.ts';
import type { Chart, Dependency } from '../chart/chart.ts';
import type { JsonObject } from '../yaml/json.ts';
import { parseValuesYaml, stringifyYaml } from '../yaml/yaml.ts';
import type { Plan, PlannedNode } from './plan.ts';

/** Parts of a chart for tests; everything but the name has a default. */
export interface ChartSpec {
  name: string;
  version?: string;
  apiVersion?: 'v1' | 'v2';
  dependencies?: Dependency[];
  /** Text of values.yaml; no file if left out. */
  values?: string;
  files?: Record<string, string>;
  subcharts?: Chart[];
}

/** Makes a chart as if it were read from an archive. */
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
    ...parseValuesYaml(values ?? '', { file: 'values.yaml', code: 'values.invalid' }),
    files: new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)])),
    subcharts,
  };
}

/** Makes a digest for a chart of a test, from its name, version and files. */
export function digestOf(chart: Chart): Digest {
  const hash = createHash('sha256').update(JSON.stringify([chart.name, chart.version]));
  for (const [path, bytes] of chart.files) hash.update(path).update(bytes);
  return `sha256:${hash.digest('hex')}`;
}

/** A node for tests: chart, configuration, and children by name. */
export interface NodeSpec {
  chart: Chart;
  /** Whether the chart is taken out of the parent's source. */
  inside?: boolean;
  /** Whether subcharts of the source that are not children stay. */
  keep?: boolean;
  config?: JsonObject;
  children?: Record<string, NodeSpec>;
}

/** Makes a plan for `shop` 2.0.0, with its sources. */
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
