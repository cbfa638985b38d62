import type { DryRun } from '@helm-registry/client';
import { effect, signal } from '@preact/signals';
import { type RequestProblem, toProblem } from '../../api/problem.ts';
import { runDryRun } from './composer-api.ts';
import type { Composer } from './composer-state.ts';

const pauseMs = 400;

/** Result of the last dry run. */
export interface DryRunState {
  result?: DryRun;
  problem?: RequestProblem;
  /** Whether the recipe has changed since, so that a newer one is due or under way. */
  isRunning: boolean;
}

/**
 * Starts dry runs of a composer's recipe, after each pause in typing. The next change aborts a run.
 * The last result stays while the next is under way, so that nothing jumps.
 * @returns the state, and the function that ends it
 */
export function startDryRuns(composer: Composer) {
  const state = signal<DryRunState>({ isRunning: false });
  let running: AbortController | undefined;
  const stop = effect(() => {
    const { draft, recipe } = composer;
    const { space, chart } = draft.value;
    const { recipe: wire, faults } = recipe.value;
    running?.abort();
    const hasCharts = draft.value.root.package !== undefined || draft.value.root.children.length > 0;
    if (space === '' || chart === '' || !hasCharts || faults.size > 0) {
      state.value = { ...state.peek(), isRunning: false };
      return;
    }
    const abort = new AbortController();
    running = abort;
    state.value = { ...state.peek(), isRunning: true };
    const timer = setTimeout(async () => {
      const next = await runDryRun(space, wire, abort.signal).then(
        (result): DryRunState => ({ result, isRunning: false }),
        (error: unknown): DryRunState => ({ problem: toProblem(error), isRunning: false }),
      );
      if (!abort.signal.aborted) state.value = next;
    }, pauseMs);
    abort.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  return {
    state,
    close() {
      stop();
      running?.abort();
    },
  };
}
