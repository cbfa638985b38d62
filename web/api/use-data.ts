import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { RequestProblem } from './problem.ts';
import { toProblem } from './problem.ts';
import type { Query } from './query.ts';

/** Data of a page while it loads, and after. */
export interface Loaded<T> {
  /** Last good value; it stays while the next one loads, and when that fails. */
  value: T | undefined;
  /** Problem of the last load. */
  problem: RequestProblem | undefined;
  isLoading: boolean;
  /** Whether `value` is that of an input before. */
  isOld: boolean;
  reload: () => void;
}

/**
 * Loads data when the input changes, and aborts the load before. What was loaded before shows at once, and is loaded
 * anew. Give pages of another resource another `key` property, so that they do not show the one before.
 * @param input undefined loads nothing
 */
export function useData<Input, T>(query: Query<Input, T>, input: Input | undefined): Loaded<T> {
  const loader = useMemo(() => createLoader(query), [query]);
  const key = input === undefined ? undefined : query.keyOf(input);
  useEffect(() => loader.start(key, input), [loader, key]);
  const { key: loadedKey, value, problem, isLoading } = loader.state.value;
  if (loadedKey === key) return { value, problem, isLoading, isOld: false, reload: loader.reload };
  const known = key === undefined ? undefined : query.recall(key);
  return {
    value: known ?? value,
    problem: undefined,
    isLoading: key !== undefined,
    isOld: known === undefined && value !== undefined,
    reload: loader.reload,
  };
}

interface State<T> {
  key: string | undefined;
  value: T | undefined;
  problem: RequestProblem | undefined;
  isLoading: boolean;
}

interface Loader<Input, T> {
  state: Signal<State<T>>;
  /** Starts loading. @returns what aborts it */
  start: (key: string | undefined, input: Input | undefined) => () => void;
  reload: () => void;
}

function createLoader<Input, T>(query: Query<Input, T>): Loader<Input, T> {
  let abort = new AbortController();
  let repeat = () => {};
  const state = signal<State<T>>({ key: undefined, value: undefined, problem: undefined, isLoading: false });

  async function run(key: string, input: Input, aborted: AbortSignal): Promise<void> {
    const value = query.recall(key) ?? state.peek().value;
    // A value of another input shows as old until this one is there.
    if (state.peek().key === key || query.recall(key) !== undefined)
      state.value = { key, value, problem: undefined, isLoading: true };
    try {
      const next = await query.load(input, aborted);
      if (aborted.aborted) return;
      query.keep(key, next);
      state.value = { key, value: next, problem: undefined, isLoading: false };
    } catch (error) {
      if (!aborted.aborted) state.value = { key, value, problem: toProblem(error), isLoading: false };
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
