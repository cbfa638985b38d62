import type { Chart } from '../../chart/chart.ts';
import { computeValues } from '../../chart/compute-values.ts';
import { readTemplateNotes } from '../../chart/templates/read-template-notes.ts';
import type { TemplateNotes } from '../../chart/templates/template-notes.ts';
import type { JsonObject } from '../../yaml/json.ts';
import { importedValues, mergeOver } from '../imported-values.ts';

/** Facts about source charts, computed once while the chart is in memory. */
export interface SourceFacts {
  /** Computes a chart's values by itself, without subcharts that conditions switch off. */
  valuesOf(source: Chart): JsonObject;
  /** Reads the notes on a chart's templates. */
  notesOf(chart: Chart): TemplateNotes;
}

/** Creates a cache of facts; entries live as long as their chart. */
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
      const known = notes.get(files) ?? readTemplateNotes(files);
      notes.set(files, known);
      return known;
    },
  };
}

/** Computes the values that a chart's templates see: its section, and its imports beneath. */
export function visibleValues(chart: Chart, section: JsonObject): JsonObject {
  if (!chart.dependencies.some((entry) => Array.isArray(entry['import-values']))) return section;
  return mergeOver(importedValues(chart), section);
}
