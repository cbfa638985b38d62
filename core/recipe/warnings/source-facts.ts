import type { Chart } from '../../chart/chart.ts';
import { isEverySubchartEnabled } from '../../chart/coalesce.ts';
import { computeValues } from '../../chart/compute-values.ts';
import { readTemplateNotes } from '../../chart/templates/read-template-notes.ts';
import type { TemplateNotes } from '../../chart/templates/template-notes.ts';
import type { JsonObject } from '../../yaml/json.ts';
import { importedValues, mergeOver } from '../imported-values.ts';

/** Facts about source charts, computed once while the chart is in memory. */
export interface SourceFacts {
  /** Computes a chart's values by itself, without subcharts that conditions switch off. */
  valuesOf(source: Chart): JsonObject;
  /** Checks whether a condition or a tag switches off a subchart, at any depth, while nobody sets values. */
  hasChartsOff(source: Chart): boolean;
  /** Reads the notes on a chart's templates. */
  notesOf(chart: Chart): TemplateNotes;
}

/** Creates a cache of facts; entries live as long as their chart. */
export function createSourceFacts(): SourceFacts {
  const computed = new WeakMap<Chart, { values: JsonObject; hasChartsOff: boolean }>();
  const notes = new WeakMap<Chart['files'], TemplateNotes>();
  const compute = (source: Chart) => {
    const known = computed.get(source);
    if (known) return known;
    const { values, chart } = computeValues(source);
    const made = { values, hasChartsOff: !isEverySubchartEnabled(source, chart) };
    computed.set(source, made);
    return made;
  };
  return {
    valuesOf: (source) => compute(source).values,
    hasChartsOff: (source) => compute(source).hasChartsOff,
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
