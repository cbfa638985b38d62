import type { Json } from '../json.ts';
import type { Watch } from '../parse/construct.ts';
import type { Change } from './change.ts';
import { replacement } from './change.ts';
import { flowText } from './edit-flow.ts';

/** An alias, and where what it repeats stands. */
export interface Repeat {
  from: number;
  to: number;
  target: number;
  value: Json;
}

/** Collects the aliases and merge keys of a text while it is read. */
export function readRepeats(): { repeats: Repeat[]; merges: Map<number, readonly string[]>; watch: Watch } {
  const repeats: Repeat[] = [];
  const merges = new Map<number, readonly string[]>();
  const watch: Watch = {
    alias: ({ from, to }, value, target) => repeats.push({ from, to, target, value }),
    merge: (from, keys) => merges.set(from, keys),
  };
  return { repeats, merges, watch };
}

/** Changes that write out what aliases repeat, where the other changes take away what has the name. */
export function keepRepeats(repeats: readonly Repeat[], changes: readonly Change[]): Change[] {
  const isGone = indexRanges(changes);
  return repeats
    .filter(({ from, target }) => isGone(target) && !isGone(from))
    .map(({ from, to, value }) => replacement(from, to, flowText(value)));
}

/** Tells of offsets whether a change takes them away; there may be thousands of both. */
function indexRanges(changes: readonly Change[]): (at: number) => boolean {
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
