import { getKey, type JsonObject, setKey } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { noteTemplates } from './templates/note-templates.ts';
import type { TemplateNotes } from './templates/template-notes.ts';

/**
 * What is needed of a chart to know its values without its archive: those of every chart inside, what they declare, and
 * their values.schema.json; and notes on its templates, for warnings. Kept with each version, as text.
 */
interface Outline {
  /** Form of the outline, first in its text; of the outermost chart only. */
  form?: number;
  name: string;
  version: string;
  dependencies?: Dependency[];
  values?: JsonObject;
  firstValues?: JsonObject;
  schema?: string;
  /** Some fields of Chart.yaml, see `told`. */
  manifest?: JsonObject;
  templates?: TemplateNotes;
  subcharts?: Outline[];
}

const schemaFile = 'values.schema.json';

/** Longer outlines are not kept with their version, but made from the archive when they are needed. */
export const longestOutline = 16 * 1024 * 1024;

/** Grows by one whenever an outline gets something that those before it lack: they are made anew. */
const form = 2;

/** Beginning of the text of every outline that this program makes. */
export const outlineStart = `{"form":${form},`;

/** Fields of Chart.yaml that an outline has. */
const told = ['apiVersion', 'type', 'deprecated'];

export function outlineChart(chart: Chart): string {
  return JSON.stringify({ form, ...toOutline(chart) });
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
    manifest: tellManifest(chart),
    templates: chart.templates ?? noteTemplates(chart.files),
    ...(subcharts.length > 0 ? { subcharts: subcharts.map(toOutline) } : {}),
  };
}

function tellManifest({ manifest }: Chart): JsonObject {
  const fields: JsonObject = {};
  for (const field of told) {
    const value = getKey(manifest, field);
    if (value !== undefined) setKey(fields, field, value);
  }
  return fields;
}

/** The chart that an outline speaks of, with no file but its schema. */
export function readOutline(text: string): Chart {
  const outline: Outline = JSON.parse(text);
  return toChart(outline);
}

function toChart(outline: Outline): Chart {
  const { name, version, dependencies = [], values = {}, firstValues, schema } = outline;
  const { manifest = {}, templates } = outline;
  return {
    name,
    version,
    apiVersion: 'v2',
    manifest,
    dependencies,
    values,
    ...(firstValues === undefined ? {} : { firstValues }),
    files: new Map(schema === undefined ? [] : [[schemaFile, Buffer.from(schema)]]),
    ...(templates ? { templates } : {}),
    subcharts: (outline.subcharts ?? []).map(toChart),
  };
}

/** A chart's values.schema.json, where it has one. */
export function schemaOf(chart: Chart): Buffer | undefined {
  return chart.files.get(schemaFile);
}
