import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { computeValues } from '../chart/compute-values.ts';
import { nothingPrepared } from '../chart/prepare.ts';
import { checkMetadataSize, describeChart } from '../chart/read-chart.ts';
import { sanitizeForJsonb } from '../chart/sanitize-for-jsonb.ts';
import type { ValuesSchema } from '../chart/schema.ts';
import { createEditor } from '../yaml/edit/editor.ts';
import type { JsonObject } from '../yaml/json.ts';
import { assessPlan } from './assess-plan.ts';
import { collectParts, listFiles } from './compose.ts';
import { composeParts } from './compose-files.ts';
import { composeTree } from './compose-tree.ts';
import { listLostComments } from './lost-comments.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';
import { limitWarnings, type Warning } from './warning.ts';

/** What a plan would make. */
export interface Preview {
  /** Chart.yaml with the tree of the charts inside, as `manifests/metadata` would have it. */
  metadata: JsonObject;
  /** As `manifests/values` would have them. */
  values: JsonObject;
  warnings: Warning[];
}

/** Preview whose documents are JSON texts, which cross from a thread without being read again. */
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
 * Foresees what a plan makes, and finds all that composing it would find wrong.
 * @throws {RegistryError} what `assessPlan` and `composeChart` do
 */
export function previewPlan(
  plan: Plan,
  sources: ReadonlyMap<Digest, Chart>,
  limits: ChartLimits,
  read?: (file: Buffer) => ValuesSchema,
): Preview {
  const root = resolveTree(plan, sources);
  const warnings = assessPlan(root, plan, read ? { read } : {});
  const editor = createEditor(nothingPrepared);
  const parts = collectParts(composeParts(root, plan, editor), plan.chart, limits);
  listFiles(plan.chart, parts, limits);
  const tree = composeTree(root, plan);
  const metadata = sanitizeForJsonb(describeChart(tree));
  checkMetadataSize(metadata);
  return {
    metadata,
    values: sanitizeForJsonb(computeValues(tree).values),
    warnings: limitWarnings([...warnings, ...listLostComments(root, parts, editor)]),
  };
}
