import { type Signal, signal } from '@preact/signals';
import { type RequestProblem, toProblem } from './problem.ts';
import type { Query } from './query.ts';

/** State of a loader, and the key of the input that it is about. */
interface LoaderState<T> {
  key: string | undefined;
  value: T | undefined;
  problem: RequestProblem | undefined;
  isLoading: boolean;
}

/** Loads the data of one input after the other. */
export interface Loader<Input, T> {
  state: Signal<LoaderState<T>>;
  /** Starts loading. @returns what aborts it */
  start: (key: string | undefined, input: Input | undefined) => () => void;
  /** Loads the data of the input anew. */
  reload: () => void;
}

/** Creates a loader. Loads of one input may pass one another on their way: what a later one has said stays. */
export function createLoader<Input, T>(query: Query<Input, T>): Loader<Input, T> {
  let abort = new AbortController();
  let repeat = () => {};
  let lastStarted = 0;
  let lastEnded = 0;
  const state = signal<LoaderState<T>>({
    key: undefined,
    value: undefined,
    problem: undefined,
    isLoading: false,
  });

  async function run(key: string, input: Input, aborted: AbortSignal): Promise<void> {
    lastStarted += 1;
    const number = lastStarted;
    const value = query.recall(key) ?? state.peek().value;
    // A value of another input shows as old until this one is there.
    if (state.peek().key === key || query.recall(key) !== undefined)
      state.value = { key, value, problem: undefined, isLoading: true };
    const isTooLate = () => aborted.aborted || number < lastEnded;
    const end = (result: Pick<LoaderState<T>, 'value' | 'problem'>) => {
      lastEnded = number;
      state.value = { key, ...result, isLoading: number < lastStarted };
    };
    try {
      const next = await query.load(input, aborted);
      if (isTooLate()) return;
      query.keep(key, next);
      end({ value: next, problem: undefined });
    } catch (error) {
      if (!isTooLate()) end({ value: query.recall(key) ?? value, problem: toProblem(error) });
    }
  }

  return {
    state,
    start(key, input) {
      abort.abort();
      abort = new AbortController();
      const { signal: aborted } = abort;
      repeat = () => {};
      if (key !== undefined && input !== undefined) {
        repeat = () => void run(key, input, aborted);
        repeat();
      }
      return () => abort.abort();
    },
    reload: () => repeat(),
  };
}
