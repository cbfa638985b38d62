import type { Chart, Dependency } from './chart.ts';
import type { JsonObject } from './json.ts';

/**
 * What is needed of a chart to know its values without its archive: those of every chart inside, what they declare, and
 * their values.schema.json. Kept with each version, as text.
 */
interface Outline {
  name: string;
  version: string;
  dependencies?: Dependency[];
  values?: JsonObject;
  firstValues?: JsonObject;
  schema?: string;
  subcharts?: Outline[];
}

const schemaFile = 'values.schema.json';

/** Longer outlines are not kept with their version, but made from the archive when they are needed. */
export const longestOutline = 16 * 1024 * 1024;

export function outlineChart(chart: Chart): string {
  return JSON.stringify(toOutline(chart));
}

function toOutline(chart: Chart): Outline {
  const { name, version, dependencies, values, firstValues, subcharts } = chart;
  const schema = schemaOf(chart)?.toString('utf8');
  return {
    name,
    version,
    ...(dependencies.length > 0 ? { dependencies } : {}),
    ...(Object.keys(values).length > 0 ? { values } : {}),
    ...(firstValues === undefined ? {} : { firstValues }),
    ...(schema === undefined ? {} : { schema }),
    ...(subcharts.length > 0 ? { subcharts: subcharts.map(toOutline) } : {}),
  };
}

/** The chart that an outline speaks of, with no file but its schema. */
export function readOutline(text: string): Chart {
  const outline: Outline = JSON.parse(text);
  return toChart(outline);
}

function toChart(outline: Outline): Chart {
  const { name, version, dependencies = [], values = {}, firstValues, schema, subcharts = [] } = outline;
  return {
    name,
    version,
    apiVersion: 'v2',
    manifest: {},
    dependencies,
    values,
    ...(firstValues === undefined ? {} : { firstValues }),
    files: new Map(schema === undefined ? [] : [[schemaFile, Buffer.from(schema)]]),
    subcharts: subcharts.map(toChart),
  };
}

/** A chart's values.schema.json, where it has one. */
export function schemaOf(chart: Chart): Buffer | undefined {
  return chart.files.get(schemaFile);
}
