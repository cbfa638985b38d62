/** Turns of calls: so many at a time for each receiver. */
export interface CallTurns {
  /** Takes a turn. @returns what ends it, once; undefined where all are taken */
  take(receiver: string): (() => void) | undefined;
}

/** Creates the turns of a process. It remembers the receivers that are being called, and no others. */
export function createCallTurns(max: number): CallTurns {
  const taken = new Map<string, number>();
  return {
    take(receiver) {
      const before = taken.get(receiver) ?? 0;
      if (before >= max) return undefined;
      taken.set(receiver, before + 1);
      return () => {
        const left = (taken.get(receiver) ?? 1) - 1;
        if (left === 0) taken.delete(receiver);
        else taken.set(receiver, left);
      };
    },
  };
}
