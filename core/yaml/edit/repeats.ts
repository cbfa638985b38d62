import type { Json } from '../json.ts';
import type { RepeatObserver } from '../parse/construct.ts';
import type { Change } from './change.ts';
import { createReplacement } from './change.ts';
import { renderFlow } from './edit-flow.ts';

/** Alias in a text; numbers are offsets. */
export interface Repeat {
  from: number;
  to: number;
  /** Start of the value that the alias repeats. */
  target: number;
  value: Json;
}

/**
 * Creates an observer that collects the aliases and merge keys of a text. Construction of the text calls the
 * observer.
 */
export function collectRepeats(): {
  repeats: Repeat[];
  merges: Map<number, readonly string[]>;
  observer: RepeatObserver;
} {
  const repeats: Repeat[] = [];
  const merges = new Map<number, readonly string[]>();
  const observer: RepeatObserver = {
    alias: ({ from, to }, value, target) => repeats.push({ from, to, target, value }),
    merge: (from, keys) => merges.set(from, keys),
  };
  return { repeats, merges, observer };
}

/** Creates changes that replace aliases by their values where the other changes remove the anchor. */
export function replaceLostAliases(repeats: readonly Repeat[], changes: readonly Change[]): Change[] {
  const isRemoved = createRemovalTest(changes);
  return repeats
    .filter(({ from, target }) => isRemoved(target) && !isRemoved(from))
    .map(({ from, to, value }) => createReplacement(from, to, renderFlow(value)));
}

/** Creates a test whether changes remove an offset. An index keeps thousands of tests fast. */
function createRemovalTest(changes: readonly Change[]): (at: number) => boolean {
  const ranges = [...changes].sort((left, right) => left.from - right.from);
  let furthest = 0;
  const ends = ranges.map(({ to }) => (furthest = Math.max(furthest, to)));
  return (at) => {
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranges[middle]?.from ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return (ends[low - 1] ?? 0) > at;
  };
}
