import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { computeValues } from '../chart/compute-values.ts';
import { emptyPreparation } from '../chart/prepare.ts';
import { checkMetadataSize, toChartMetadata } from '../chart/read-chart.ts';
import { sanitizeForJsonb } from '../chart/sanitize-for-jsonb.ts';
import type { ValuesSchema } from '../chart/schema.ts';
import { createEditor } from '../yaml/edit/editor.ts';
import type { JsonObject } from '../yaml/json.ts';
import { assessPlan } from './assess-plan.ts';
import { collectParts, listPartFiles } from './compose.ts';
import { composeParts } from './compose-files.ts';
import { composeTree } from './compose-tree.ts';
import { listLostComments } from './lost-comments.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';
import { limitWarnings, type Warning } from './warning.ts';

/** The chart that a plan would make, without its archive. */
export interface Preview {
  /** Chart.yaml with the tree of the charts inside, as `manifests/metadata` would show it. */
  metadata: JsonObject;
  /** Values as `manifests/values` would show them. */
  values: JsonObject;
  warnings: Warning[];
}

/** A preview whose documents are JSON texts, so that a thread's reply need not be parsed. */
export interface PreviewTexts {
  metadata: string;
  values: string;
  warnings: Warning[];
}

/** Turns the documents of a preview into texts. */
export function toPreviewTexts({ metadata, values, warnings }: Preview): PreviewTexts {
  return { metadata: JSON.stringify(metadata), values: JSON.stringify(values), warnings };
}

/**
 * Computes the chart that a plan makes, and reports every fault that composing would find.
 * @throws {RegistryError} as `assessPlan` and `composeFiles` do
 */
export function previewPlan(
  plan: Plan,
  sources: ReadonlyMap<Digest, Chart>,
  limits: ChartLimits,
  read?: (file: Buffer) => ValuesSchema,
): Preview {
  const root = resolveTree(plan, sources);
  const warnings = assessPlan(root, plan, read ? { read } : {});
  const editor = createEditor(emptyPreparation);
  const parts = collectParts(composeParts(root, plan, editor), plan.chart, limits);
  listPartFiles(plan.chart, parts, limits);
  const tree = composeTree(root, plan);
  const metadata = sanitizeForJsonb(toChartMetadata(tree));
  checkMetadataSize(metadata);
  return {
    metadata,
    values: sanitizeForJsonb(computeValues(tree).values),
    warnings: limitWarnings([...warnings, ...listLostComments(root, parts, editor)]),
  };
}
