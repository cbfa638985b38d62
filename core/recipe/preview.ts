import type { Digest } from '../blobs/port.ts';
import type { Chart } from '../chart/chart.ts';
import { coalesceValues } from '../chart/coalesce.ts';
import type { JsonObject } from '../chart/json.ts';
import type { ChartLimits } from '../chart/limits.ts';
import { checkMetadataSize, describeChart } from '../chart/read-chart.ts';
import { makeStorable } from '../chart/storable.ts';
import { checkValues } from './check-values.ts';
import { composeChart } from './compose.ts';
import { composeTree } from './compose-tree.ts';
import type { Plan } from './plan.ts';
import { resolveTree } from './resolve-tree.ts';
import { findWarnings, type Warning } from './warnings.ts';

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
 * @throws {RegistryError} what `checkValues` and `composeChart` do
 */
export function previewPlan(plan: Plan, sources: ReadonlyMap<Digest, Chart>, limits: ChartLimits): Preview {
  const root = resolveTree(plan, sources);
  const unchecked = checkValues(root, plan);
  composeChart(plan, sources, limits);
  const tree = composeTree(root, plan);
  const metadata = makeStorable(describeChart(tree));
  checkMetadataSize(metadata);
  return {
    metadata,
    values: makeStorable(coalesceValues(tree)),
    warnings: [
      ...findWarnings(root, plan),
      ...unchecked.map((message): Warning => ({ code: 'schema.unchecked', pointer: '/configs', message })),
    ],
  };
}
