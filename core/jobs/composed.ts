import type { Content } from '../blobs/port.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Transaction } from '../db/port.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { addVersion } from '../registry/add-versions.ts';
import { addLineage } from '../registry/lineage.ts';

/** Result of a composition. */
export interface ComposedChart {
  archive: Content;
  summary: StorableSummary;
  /** Warnings that only composing can find; the job has them besides those of its recipe. */
  warnings: Warning[];
}

/**
 * Adds the version and the lineage of a composed chart.
 * @param jobId the job whose row has the recipe and the plan
 * @throws {RegistryError} `version.exists`
 */
export async function addComposedChart(
  tx: Transaction,
  spaceId: number,
  jobId: string,
  plan: Plan<Configuration>,
  { archive, summary }: ComposedChart,
): Promise<void> {
  const { space, chart, version } = plan;
  const ref = { space, chart, version };
  await Promise.all([
    addVersion(tx, { spaceId, ref, content: archive, summary }),
    addLineage(tx, ref, { jobId, digest: archive.digest, sources: storedSources(plan.root) }),
  ]);
}
