import type { Content } from '../blobs/port.ts';
import type { StorableSummary } from '../chart-work/chart-work.ts';
import type { Transaction } from '../db/port.ts';
import type { Plan } from '../recipe/plan.ts';
import type { Config } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import type { Warning } from '../recipe/warning.ts';
import { addLineage } from '../registry/lineage.ts';
import { addVersion } from '../registry/version-rows.ts';

/** What a plan came to. */
export interface ComposedChart {
  archive: Content;
  summary: StorableSummary;
  /** Surprises that only composing finds; the job gets them beside those that it was accepted with. */
  warnings: Warning[];
}

/**
 * Writes a composed chart down: the version, and what it was made from.
 * @param jobId of the job whose row has the recipe and the plan
 * @throws {RegistryError} `version.exists`
 */
export async function addComposed(
  tx: Transaction,
  spaceId: number,
  jobId: string,
  plan: Plan<Config>,
  { archive, summary }: ComposedChart,
): Promise<void> {
  const { space, chart, version } = plan;
  const ref = { space, chart, version };
  await Promise.all([
    addVersion(tx, spaceId, ref, archive, summary),
    addLineage(tx, ref, { jobId, digest: archive.digest, sources: storedSources(plan.root) }),
  ]);
}
