import { buffer } from 'node:stream/consumers';
import type { ChartLimits } from '../core/archive/limits.ts';
import { contentOf } from '../core/blobs/content.ts';
import type { Digest } from '../core/blobs/port.ts';
import type { CompositionResult } from '../core/jobs/composed.ts';
import type { ComposeOnEventLoop } from '../core/jobs/composition-slots.ts';
import type { JobDeps } from '../core/jobs/jobs.ts';
import { composePrepared, type Source } from '../core/recipe/compose-prepared.ts';
import type { Plan } from '../core/recipe/plan.ts';
import { isPlanParsed } from '../core/recipe/plan-text.ts';
import type { Configuration } from '../core/recipe/recipe.ts';
import type { LoadedSource } from '../core/sources/large-sources.ts';
import { createGatheredSources, type GatheredSources } from './gather-sources.ts';
import { sourcesForEventLoop } from './heavy-plans.ts';

/**
 * Composes a plan from its sources. Composing is on the event loop if it takes milliseconds, else in a thread.
 * @throws {RegistryError} as `composePrepared` does
 */
export async function composeChart(
  { charts, blobs, limits }: Pick<JobDeps, 'charts' | 'blobs' | 'limits'>,
  plan: Plan<Configuration>,
  { sources }: GatheredSources,
): Promise<CompositionResult> {
  if (isPlanParsed(plan)) {
    const small = sourcesForEventLoop(plan, sources);
    if (small) return composeOnEventLoop(limits, plan, small);
  }
  return charts.compose(plan, async (digest) => {
    const stored = await blobs.open(digest);
    if (!stored) throw new Error(`the bytes of source ${digest} are missing`);
    return buffer(stored);
  });
}

async function composeOnEventLoop(
  limits: ChartLimits,
  plan: Plan,
  sources: ReadonlyMap<Digest, Source>,
): Promise<CompositionResult> {
  const composed = await composePrepared(plan, sources, limits);
  const { archive, warnings } = composed;
  return { archive: contentOf(archive), summary: await composed.inspect(), warnings };
}

/**
 * Creates the inline composition of plans that take milliseconds.
 * Heavy plans are left to the queue: they may outlast a request, and would then be composed again.
 */
export function createInlineComposition(
  { limits }: Pick<JobDeps, 'limits'>,
  loadSource: (digest: Digest) => Promise<LoadedSource>,
): ComposeOnEventLoop {
  return async (plan) => {
    const gathered = createGatheredSources(plan, limits);
    for (const digest of gathered.wanted) {
      gathered.add(digest, await loadSource(digest));
    }
    const sources = sourcesForEventLoop(plan, gathered.sources);
    return sources && composeOnEventLoop(limits, plan, sources);
  };
}
