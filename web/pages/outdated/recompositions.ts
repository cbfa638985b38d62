import type { ComposedState, Job, VersionRef } from '@helm-registry/client';
import { type Signal, signal } from '@preact/signals';
import { type RequestProblem, toProblem } from '../../api/problem.ts';
import { registry } from '../../api/registry.ts';
import { announce } from '../../parts/announce.tsx';

/** Requests that are sent at the same time. */
const maxConcurrent = 3;

/** State of composing a chart anew: sent, a job, or refused. */
export interface RecompositionState {
  job?: Job;
  problem?: RequestProblem;
}

/** Charts of a page that are composed anew. */
export interface Recompositions {
  runs: Signal<ReadonlyMap<string, RecompositionState>>;
  start: (charts: readonly ComposedState[], next: 'patch' | 'minor' | 'major') => void;
}

/** Names a composed version. */
export const composedVersionKeyOf = ({ space, chart, version }: VersionRef) => `${space}/${chart}/${version}`;

/**
 * Creates the list of what a page composes anew. Its rows stay with their results: which charts are out of date follows
 * some seconds later.
 */
export function createRecompositions(): Recompositions {
  const runs = signal<ReadonlyMap<string, RecompositionState>>(new Map());
  const put = (key: string, run: RecompositionState) => {
    runs.value = new Map(runs.value).set(key, run);
  };

  async function recompose(ref: VersionRef, next: 'patch' | 'minor' | 'major'): Promise<void> {
    const key = composedVersionKeyOf(ref);
    try {
      const { space, chart, version } = ref;
      const handle = await registry.space(space).chart(chart).version(version).recompose({ next });
      for await (const job of handle.events()) put(key, { job });
    } catch (error) {
      put(key, { ...runs.peek().get(key), problem: toProblem(error) });
    }
  }

  return {
    runs,
    start(charts, next) {
      const waiting = charts.map(({ space, chart, version }) => ({ space, chart, version }));
      for (const ref of waiting) put(composedVersionKeyOf(ref), {});
      const work = async () => {
        for (let ref = waiting.shift(); ref; ref = waiting.shift()) await recompose(ref, next);
      };
      void Promise.all(Array.from({ length: maxConcurrent }, work)).then(() => {
        const refused = charts.filter(
          (chart) => runs.peek().get(composedVersionKeyOf(chart))?.job?.state !== 'succeeded',
        );
        announce(
          refused.length === 0
            ? 'All charts are composed anew.'
            : `${refused.length} charts could not be composed.`,
        );
      });
    },
  };
}
