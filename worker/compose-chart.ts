import { contentOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import type { ChartLimits } from '../core/chart/limits.ts';
import type { ComposeAtHand } from '../core/jobs/at-once.ts';
import type { ComposedChart } from '../core/jobs/composed.ts';
import { composePrepared } from '../core/recipe/compose-prepared.ts';
import type { Plan } from '../core/recipe/plan.ts';
import { type Gathered, gatherSources } from './gather-sources.ts';
import type { SourceCache } from './source-cache.ts';

/** Composes a plan out of its sources. @throws {RegistryError} as `composePrepared` does */
export async function composeChart(
  plan: Plan,
  { sources }: Gathered,
  limits: ChartLimits,
): Promise<ComposedChart> {
  const composed = await composePrepared(plan, sources, limits);
  const { archive, warnings } = composed;
  return { archive: contentOf(archive), summary: await composed.inspect(), warnings };
}

/**
 * Composes those plans of which every source is in the cache.
 * @param miss told of a source that is not
 */
export function composingAtHand(
  cache: SourceCache,
  limits: ChartLimits,
  miss: (digest: Digest) => void = () => undefined,
): ComposeAtHand {
  return async (plan) => {
    const gathered = gatherSources(plan, limits);
    for (const digest of gathered.wanted) {
      const source = cache.peek(digest);
      if (!source) {
        miss(digest);
        return undefined;
      }
      gathered.add(digest, source);
    }
    return composeChart(plan, gathered, limits);
  };
}
