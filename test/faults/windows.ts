/** What a fault takes away, as far as a client can notice. */
export type Part = 'postgres' | 'redis' | 'object store' | 'api-1' | 'api-2' | 'worker';

/** Times during which a part was away. */
export interface Windows {
  /** Says that a part is going; gives what says that it is back. */
  open(part: Part): () => void;
  /**
   * Whether one of the parts was away at some time between two times, or so shortly before that what it brought about
   * was not over yet.
   * @param from milliseconds of `performance.now()`
   */
  touches(parts: readonly Part[], from: number, to: number): boolean;
  /** Seconds for which a part was away, in all. */
  seconds(part: Part): number;
}

/** Milliseconds after a part is back in which connections to it are still being found dead. */
const margin = 3_000;

export function createWindows(): Windows {
  const known: { part: Part; from: number; to: number }[] = [];
  return {
    open(part) {
      const window = { part, from: performance.now(), to: Number.POSITIVE_INFINITY };
      known.push(window);
      return () => {
        window.to = performance.now();
      };
    },
    touches: (parts, from, to) =>
      known.some((window) => parts.includes(window.part) && window.from <= to && from <= window.to + margin),
    seconds(part) {
      const own = known.filter((window) => window.part === part);
      return own.reduce((sum, { from, to }) => sum + (Math.min(to, performance.now()) - from) / 1000, 0);
    },
  };
}
