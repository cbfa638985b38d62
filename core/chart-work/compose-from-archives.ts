import type { ChartLimits } from '../archive/limits.ts';
import type { Digest } from '../blobs/port.ts';
import { prepareChart } from '../chart/prepare.ts';
import { readChart } from '../chart/read-chart.ts';
import { type ComposedArchive, composePrepared, type Source } from '../recipe/compose-prepared.ts';
import type { Plan } from '../recipe/plan.ts';
import { streamOfBytes } from './bytes.ts';
import type { PlanArchives } from './messages.ts';

/** Composes a plan from the archives of its sources. @throws {RegistryError} as `composePrepared` */
export async function composeFromArchives(
  { plan, archives }: PlanArchives,
  limits: ChartLimits,
): Promise<ComposedArchive> {
  const parsed: Plan = JSON.parse(plan);
  const sources = new Map<Digest, Source>();
  for (const [digest, bytes] of archives) {
    const chart = await readChart(streamOfBytes(bytes), limits);
    sources.set(digest, { chart, prepared: prepareChart(chart) });
  }
  return composePrepared(parsed, sources, limits);
}
