import type { JsonObject } from '../yaml/json.ts';
import type { TemplateNotes } from './templates/template-notes.ts';

/** Files of one chart folder by their path in it (`templates/service.yaml`), byte for byte. */
export type ChartFiles = Map<string, Buffer>;

/** A dependency of Chart.yaml, or of a v1 chart's requirements.yaml; unknown keys are kept. */
export type Dependency = JsonObject & { name: string; version?: string; repository?: string; alias?: string };

/**
 * A chart's own files, and the charts that are really inside it.
 * A subchart's files belong to the subchart, whether `charts/` has it as a folder or as an archive. Other files in
 * `charts/` (names that begin with `_` or `.`, `.prov` files) belong to the chart itself.
 */
export interface Chart {
  name: string;
  version: string;
  /** Keys of Chart.yaml without `dependencies`; known fields have Helm's types. */
  manifest: JsonObject;
  /** `v1` if Chart.yaml has none, as Helm reads it. */
  apiVersion: string;
  /** Declared dependencies, from Chart.yaml or, for v1, requirements.yaml. */
  dependencies: Dependency[];
  /** Set if `dependencies` have exact versions that the chart's files do not have. */
  pinned?: true;
  /** Values of the chart's values.yaml, all documents merged as in Helm 4; empty without the file. */
  values: JsonObject;
  /** The first document of values.yaml, all that Helm 3 reads; set only if it differs from `values`. */
  firstValues?: JsonObject;
  /** Own files, Chart.yaml and values.yaml included. */
  files: ChartFiles;
  /** Notes on the templates, if the chart was read from an outline and has no templates. */
  templates?: TemplateNotes;
  /** Subcharts, sorted by name. */
  subcharts: Chart[];
}
