import { buffer } from 'node:stream/consumers';
import { contentOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import type { ComposedChart } from '../core/jobs/composed.ts';
import type { ComposeAtHand } from '../core/jobs/composition-slots.ts';
import type { Jobs } from '../core/jobs/jobs.ts';
import { composePrepared } from '../core/recipe/compose-prepared.ts';
import type { Plan } from '../core/recipe/plan.ts';
import { type Gathered, gatherSources } from './gather-sources.ts';
import { isHeavy } from './heavy-plans.ts';
import type { SourceCache } from './source-cache.ts';

/**
 * Composes a plan out of its sources: in place where that takes milliseconds, else in a thread.
 * @throws {RegistryError} as `composePrepared` does
 */
export async function composeChart(
  { charts, blobs, limits }: Pick<Jobs, 'charts' | 'blobs' | 'limits'>,
  plan: Plan,
  { sources }: Gathered,
): Promise<ComposedChart> {
  if (isHeavy(plan, sources)) {
    return charts.compose(plan, async (digest) => {
      const stored = await blobs.open(digest);
      if (!stored) throw new Error(`the bytes of source ${digest} are missing`);
      return buffer(stored);
    });
  }
  const composed = await composePrepared(plan, sources, limits);
  const { archive, warnings } = composed;
  return { archive: contentOf(archive), summary: await composed.inspect(), warnings };
}

/**
 * Composes those plans of which every source is in the cache.
 * @param miss told of a source that is not
 */
export function composingAtHand(
  jobs: Pick<Jobs, 'charts' | 'blobs' | 'limits'>,
  cache: SourceCache,
  miss: (digest: Digest) => void = () => undefined,
): ComposeAtHand {
  return async (plan) => {
    const gathered = gatherSources(plan, jobs.limits);
    for (const digest of gathered.wanted) {
      const source = cache.peek(digest);
      if (!source) {
        miss(digest);
        return undefined;
      }
      gathered.add(digest, source);
    }
    return composeChart(jobs, plan, gathered);
  };
}
