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

  async function run(
    key: string,
    input: Input,
    aborted: AbortSignal,
    ahead?: Promise<T> | undefined,
  ): Promise<void> {
    lastStarted += 1;
    const number = lastStarted;
    const known = () => query.recall(key) ?? (state.peek().key === key ? state.peek().value : undefined);
    // A value of another input shows as old until this one is there.
    if (state.peek().key === key || known() !== undefined)
      state.value = { key, value: known(), problem: undefined, isLoading: true };
    const isTooLate = () => aborted.aborted || number < lastEnded;
    const end = (result: Pick<LoaderState<T>, 'value' | 'problem'>) => {
      lastEnded = number;
      state.value = { key, ...result, isLoading: number < lastStarted };
    };
    try {
      const next = await (ahead ?? query.load(input, aborted));
      if (isTooLate()) return;
      query.keep(key, next);
      end({ value: next, problem: undefined });
    } catch (error) {
      if (!isTooLate()) end({ value: known(), problem: toProblem(error) });
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
        void run(key, input, aborted, query.takeAhead(key));
      }
      return () => abort.abort();
    },
    reload: () => repeat(),
  };
}
