/** Lets so many through at a time; the others wait their turn, first come, first served. */
export interface Gate {
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(width: number): Gate {
  const waiting: (() => void)[] = [];
  let free = width;
  return {
    async pass(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // The place goes straight to the next, so that nobody slips in between.
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
