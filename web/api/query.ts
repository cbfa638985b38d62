/** Answers that a query keeps, so that going back shows a page as it was. */
const maxKept = 20;

/** Query: loads one kind of data, and keeps its last answers. */
export interface Query<Input, T> {
  load: (input: Input, signal: AbortSignal) => Promise<T>;
  /** Finds the last answer for an input. */
  recall: (key: string) => T | undefined;
  keep: (key: string, value: T) => void;
  keyOf: (input: Input) => string;
}

/**
 * Creates a query, once for each kind of data, outside of components.
 * @param load loads the data of an input, which is a plain value
 */
export function createQuery<Input, T>(load: Query<Input, T>['load']): Query<Input, T> {
  const kept = new Map<string, T>();
  return {
    load,
    keyOf: (input) => JSON.stringify(input) ?? '',
    recall: (key) => kept.get(key),
    keep(key, value) {
      kept.delete(key);
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    },
  };
}
