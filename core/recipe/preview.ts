import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import type { JsonObject } from '../chart/json.ts';
import type { ChartLimits } from '../chart/limits.ts';
import { describeChart } from '../chart/read-chart.ts';
import { makeStorable } from '../chart/storable.ts';
import { composeChart } from './compose.ts';
import { composeTree } from './compose-tree.ts';
import { judgePlan } from './judge-plan.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';
import type { Warning } from './warning.ts';

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
export function previewPlan(plan: Plan, sources: ReadonlyMap<Digest, Chart>, limits: ChartLimits): Preview {
  const root = resolveTree(plan, sources);
  const warnings = judgePlan(root, plan);
  composeChart(plan, sources, limits);
  const tree = composeTree(root, plan);
  return {
    metadata: makeStorable(describeChart(tree)),
    values: makeStorable(coalesceValues(tree)),
    warnings,
  };
}
