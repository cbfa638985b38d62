/** Pseudo-random numbers that depend on the seed alone. */
export interface Random {
  /** Draws a number, at least 0 and less than 1. */
  next(): number;
  /** Draws a whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
  /** Draws bytes that do not compress. */
  bytes(length: number): Buffer;
  /** Creates independent numbers; draws from them do not change the draws from these. */
  branch(name: string): Random;
}

/** Creates numbers by Tommy Ettinger's mulberry32. The 32 bits of state suffice to vary a test. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = () => draw() / 2 ** 32;
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick(items) {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new Error('there is nothing to pick from');
      return item;
    },
    shuffle(items) {
      return items
        .map((item) => ({ item, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ item }) => item);
    },
    bytes(length) {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let index = 0; index < words.length; index += 1) words[index] = draw();
      return Buffer.from(words.buffer, 0, length);
    },
    branch(name) {
      let hash = seed ^ 0x811c9dc5;
      for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
      return createRandom(hash);
    },
  };
}
