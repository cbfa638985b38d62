/** Source of repeatable random choices. */
export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  below(limit: number): number;
  /** True once in `times`, on average. */
  once(times: number): boolean;
  pick<const T extends readonly [unknown, ...unknown[]]>(items: T): T[number];
}

/** Random choices that depend on the seed alone (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
  return {
    below,
    once: (times) => below(times) === 0,
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}
