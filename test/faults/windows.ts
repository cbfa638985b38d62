/** Part of the stack that a fault makes unavailable. */
export type Part = 'postgres' | 'redis' | 'object store' | 'api-1' | 'api-2' | 'worker';

/** Times during which a part was away. */
export interface Windows {
  /** Records that a part becomes unavailable. @returns records that the part is back */
  open(part: Part): () => void;
  /**
   * Tells whether one of the parts was away between two times, or until 3 s before, when errors may still follow.
   * @param from milliseconds of `performance.now()`
   */
  touches(parts: readonly Part[], from: number, to: number): boolean;
  /** Sums the seconds for which a part was away. */
  seconds(part: Part): number;
}

/** Milliseconds after a part is back in which broken connections to it are still found. */
const margin = 3_000;

/** Creates an empty record of times. */
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
      const away = known.filter((window) => window.part === part);
      return away.reduce((sum, { from, to }) => sum + (Math.min(to, performance.now()) - from) / 1000, 0);
    },
  };
}
