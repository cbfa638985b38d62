import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { computeValues } from '../chart/compute-values.ts';
import type { JsonObject } from '../chart/json.ts';
import type { ChartLimits } from '../chart/limits.ts';
import { checkMetadataSize, describeChart } from '../chart/read-chart.ts';
import type { ValuesSchema } from '../chart/schema.ts';
import { makeStorable } from '../chart/storable.ts';
import { composeChart } from './compose.ts';
import { composeTree } from './compose-tree.ts';
import { judgePlan } from './judge-plan.ts';
import { findLostComments } from './lost-comments.ts';
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

/**
 * Foresees what a plan makes, and finds all that composing it would find wrong.
 * @throws {RegistryError} what `judgePlan` and `composeChart` do
 */
export function previewPlan(
  plan: Plan,
  sources: ReadonlyMap<Digest, Chart>,
  limits: ChartLimits,
  read?: (file: Buffer) => ValuesSchema,
): Preview {
  const root = resolveTree(plan, sources);
  const warnings = judgePlan(root, plan, read ? { read } : {});
  composeChart(plan, sources, limits);
  const tree = composeTree(root, plan);
  const metadata = makeStorable(describeChart(tree));
  checkMetadataSize(metadata);
  return {
    metadata,
    values: makeStorable(computeValues(tree).values),
    warnings: limitWarnings([...warnings, ...findLostComments(root, plan)]),
  };
}
