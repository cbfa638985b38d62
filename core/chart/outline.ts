import { getKey, type JsonObject, setKey } from '../yaml/json.ts';
import type { Chart, Dependency } from './chart.ts';
import { readTemplateNotes } from './templates/read-template-notes.ts';
import type { TemplateNotes } from './templates/template-notes.ts';

/**
 * The stored form of a chart from which its values can be computed without its archive.
 * An outline has the values, declarations and values.schema.json of every chart inside, and notes on templates for warnings.
 * Kept with each version, as text.
 */
interface Outline {
  /** Form of the outline, first in its text; only on the outermost chart. */
  form?: number;
  name: string;
  version: string;
  dependencies?: Dependency[];
  values?: JsonObject;
  firstValues?: JsonObject;
  schema?: string;
  manifest?: JsonObject;
  templates?: TemplateNotes;
  subcharts?: Outline[];
}

const schemaFile = 'values.schema.json';

/** Largest outline that is stored with its version, in bytes. A larger one is made from the archive on demand. */
export const maxOutlineBytes = 16 * 1024 * 1024;

/** Form of outlines; raised whenever they get a new field, so that older outlines are made again. */
const outlineForm = 4;

/** The start of the text of every outline of the current form. */
export const currentFormPrefix = `{"form":${outlineForm},`;

/** Fields of Chart.yaml that an outline has. */
const manifestFields = ['apiVersion', 'type', 'deprecated'];

/** Writes the outline of a chart. */
export function writeOutline(chart: Chart): string {
  return JSON.stringify({ form: outlineForm, ...toOutline(chart) });
}

function toOutline(chart: Chart): Outline {
  const { name, version, dependencies, values, firstValues, subcharts } = chart;
  const schema = schemaFileOf(chart)?.toString('utf8');
  return {
    name,
    version,
    ...(dependencies.length > 0 ? { dependencies } : {}),
    ...(Object.keys(values).length > 0 ? { values } : {}),
    ...(firstValues === undefined ? {} : { firstValues }),
    ...(schema === undefined ? {} : { schema }),
    manifest: pickManifestFields(chart),
    templates: chart.templates ?? readTemplateNotes(chart.files),
    ...(subcharts.length > 0 ? { subcharts: subcharts.map(toOutline) } : {}),
  };
}

function pickManifestFields({ manifest }: Chart): JsonObject {
  const fields: JsonObject = {};
  for (const field of manifestFields) {
    const value = getKey(manifest, field);
    if (value !== undefined) setKey(fields, field, value);
  }
  return fields;
}

/** Reads an outline as a chart without files, except its schema. */
export function readOutline(text: string): Chart {
  const outline: Outline = JSON.parse(text);
  return chartFromOutline(outline);
}

function chartFromOutline(outline: Outline): Chart {
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
    subcharts: (outline.subcharts ?? []).map(chartFromOutline),
  };
}

/** Returns a chart's values.schema.json, if it has one. */
export function schemaFileOf(chart: Chart): Buffer | undefined {
  return chart.files.get(schemaFile);
}
