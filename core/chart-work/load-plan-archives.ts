import type { Digest } from '../blobs/port.ts';
import type { Plan } from '../recipe/plan.ts';
import { writePlan } from '../recipe/plan-text.ts';
import type { Configuration } from '../recipe/recipe.ts';
import { storedSources } from '../recipe/sources.ts';
import type { PlanArchives } from './messages.ts';

/** Loads the archives of a plan's sources, each once, for a thread. @param load loads one by its digest */
export async function loadPlanArchives(
  plan: Plan<Configuration>,
  load: (digest: Digest) => Promise<Buffer>,
): Promise<PlanArchives> {
  const archives: [Digest, Buffer][] = [];
  const digests = new Set(storedSources(plan.root).map(({ digest }) => digest));
  for (const digest of digests) archives.push([digest, await load(digest)]);
  return { plan: writePlan(plan), archives };
}
