import { packArchive } from '../../core/archive/write-archive.ts';
import type { JsonObject } from '../../core/yaml/json.ts';
import { stringifyYaml } from '../../core/yaml/yaml.ts';

/** Content of a test chart. `manifest` adds keys to the Chart.yaml of name and version (1.0.0). */
export interface TestChart {
  name: string;
  version?: string;
  manifest?: JsonObject;
  values?: JsonObject;
  files?: Record<string, string | Buffer>;
  subcharts?: TestChart[];
}

/** Makes the file of a schema, for `files` of a chart. */
export function schemaFile(schema: JsonObject): { 'values.schema.json': string } {
  return { 'values.schema.json': JSON.stringify(schema) };
}

/** Chart with a schema that bounds its port. */
export const dbWithSchema: TestChart = {
  name: 'db',
  values: { auth: { port: 5432 } },
  files: schemaFile({ properties: { auth: { properties: { port: { type: 'integer', maximum: 65535 } } } } }),
};

/** Chart whose subchart has that schema. */
export const webWithSchema: TestChart = { name: 'web', values: { replicas: 1 }, subcharts: [dbWithSchema] };

/** Packs a chart as `helm package` would. */
export function packChart(chart: TestChart): Promise<Buffer> {
  return packArchive(chart.name, filesOf(chart));
}

function filesOf(chart: TestChart): [string, Buffer][] {
  const { name, version = '1.0.0' } = chart;
  const manifest = { apiVersion: 'v2', name, version, ...chart.manifest };
  const files: [string, Buffer][] = [['Chart.yaml', Buffer.from(stringifyYaml(manifest))]];
  if (chart.values) files.push(['values.yaml', Buffer.from(stringifyYaml(chart.values))]);
  for (const [path, content] of Object.entries(chart.files ?? {})) files.push([path, Buffer.from(content)]);
  const below = (chart.subcharts ?? []).flatMap((subchart) =>
    filesOf(subchart).map(([path, bytes]): [string, Buffer] => [`charts/${subchart.name}/${path}`, bytes]),
  );
  return [...files, ...below];
}
