/** Answers that a query keeps, so that going back shows a page as it was. */
const maxKeptAnswers = 20;

/** Milliseconds after which nobody takes a load that was started ahead. */
const maxLoadAheadAgeMs = 10_000;

/** Query: loads one kind of data, and keeps its last answers. */
export interface Query<Input, T> {
  load: (input: Input, signal: AbortSignal) => Promise<T>;
  /** Finds the last answer for an input. */
  recall: (key: string) => T | undefined;
  keep: (key: string, value: T) => void;
  keyOf: (input: Input) => string;
  /** Starts a load before the page that shows it is there. The problem is that of the part which takes the load. */
  loadAhead: (input: Input) => Promise<T>;
  /** Takes the load that was started ahead; all parts that are shown together take it. */
  takeAhead: (key: string) => Promise<T> | undefined;
}

/**
 * Creates a query, once for each kind of data, outside of components.
 * @param load loads the data of an input, which is a plain value
 */
export function createQuery<Input, T>(load: Query<Input, T>['load']): Query<Input, T> {
  const kept = new Map<string, T>();
  const ahead = new Map<string, { startedAt: number; loading: Promise<T> }>();
  const keyOf = (input: Input) => JSON.stringify(input) ?? '';
  const keep = (key: string, value: T) => {
    kept.delete(key);
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > maxKeptAnswers && oldest !== undefined) kept.delete(oldest);
  };
  return {
    load,
    keyOf,
    recall: (key) => kept.get(key),
    keep,
    loadAhead(input) {
      const key = keyOf(input);
      const loading = load(input, new AbortController().signal);
      ahead.set(key, { startedAt: performance.now(), loading });
      loading.then((value) => keep(key, value)).catch(() => {});
      return loading;
    },
    takeAhead(key) {
      const found = ahead.get(key);
      if (!found || performance.now() - found.startedAt > maxLoadAheadAgeMs) return undefined;
      // Parts that are shown later load anew: what was started may be old by then.
      setTimeout(() => ahead.delete(key));
      return found.loading;
    },
  };
}
