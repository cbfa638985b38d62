import type { Chart } from '../../chart/chart.ts';
import { computeValues } from '../../chart/compute-values.ts';
import { noteTemplates } from '../../chart/templates/note-templates.ts';
import type { TemplateNotes } from '../../chart/templates/template-notes.ts';
import type { JsonObject } from '../../yaml/json.ts';
import { importedValues, layOver } from '../imported-values.ts';

/** Facts about source charts, each found out once for as long as the chart is in memory. */
export interface SourceFacts {
  /** Values that Helm computes of a chart by itself, without what conditions switch off. */
  valuesOf(source: Chart): JsonObject;
  notesOf(chart: Chart): TemplateNotes;
}

export function createSourceFacts(): SourceFacts {
  const values = new WeakMap<Chart, JsonObject>();
  const notes = new WeakMap<Chart['files'], TemplateNotes>();
  return {
    valuesOf(source) {
      const known = values.get(source) ?? computeValues(source).values;
      values.set(source, known);
      return known;
    },
    notesOf({ templates, files }) {
      if (templates) return templates;
      const known = notes.get(files) ?? noteTemplates(files);
      notes.set(files, known);
      return known;
    },
  };
}

/** Values that a chart's templates see: its section, and beneath it what it imports from its subcharts. */
export function seenBy(chart: Chart, section: JsonObject): JsonObject {
  if (!chart.dependencies.some((entry) => Array.isArray(entry['import-values']))) return section;
  return layOver(importedValues(chart), section);
}
