import type { JsonObject } from '../yaml/json.ts';
import type { TemplateNotes } from './templates/template-notes.ts';

/** The files of one chart folder by their path below it (`templates/service.yaml`); bytes exactly as they came. */
export type ChartFiles = Map<string, Buffer>;

/** A dependency as Chart.yaml (or a v1 chart's requirements.yaml) declares it; unknown keys are kept. */
export type Dependency = JsonObject & { name: string; version?: string; repository?: string; alias?: string };

/**
 * A chart taken apart: its own files, and the charts that are really inside it. Files of subcharts stand with the
 * subcharts, whether they were folders or archives in `charts/`; what else lies in `charts/` (names that begin with
 * `_` or `.`, `.prov` files) stays with the chart's own files.
 */
export interface Chart {
  name: string;
  version: string;
  /** Every key of Chart.yaml, known fields with the types that Helm gives them; without `dependencies`. */
  manifest: JsonObject;
  /** `v1` where Chart.yaml does not say, as Helm reads it. */
  apiVersion: string;
  /** What the chart declares, from Chart.yaml or, for v1, requirements.yaml. */
  dependencies: Dependency[];
  /** The chart's own values.yaml, all documents of it merged as in Helm 4; empty where there is none. */
  values: JsonObject;
  /** The first document of values.yaml, which is all that Helm 3 reads, where that is not the same. */
  firstValues?: JsonObject;
  /** Own files, Chart.yaml and values.yaml included. */
  files: ChartFiles;
  /** Notes on its templates, where it comes without them. */
  templates?: TemplateNotes;
  /** In order of name. */
  subcharts: Chart[];
}
