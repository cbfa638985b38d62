import { useLayoutEffect, useMemo } from 'preact/hooks';
import { createLoader } from './loader.ts';
import type { RequestProblem } from './problem.ts';
import type { Query } from './query.ts';

/** Data of a page while it loads, and after. */
export interface LoadedData<T> {
  /** Last good value. That of another input stays while the next one loads, and goes when that fails. */
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
 * anew. Give pages of another resource another `key` property, so that they do not show the former one.
 * @param input undefined loads nothing
 */
export function useData<Input, T>(query: Query<Input, T>, input: Input | undefined): LoadedData<T> {
  const loader = useMemo(() => createLoader(query), [query]);
  const key = input === undefined ? undefined : query.keyOf(input);
  // Before the browser paints: an effect after it would start the request a frame later.
  useLayoutEffect(() => loader.start(key, input), [loader, key]);
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
