import type { Json } from './json.ts';
import type { Change } from './yaml-change.ts';
import { replacement } from './yaml-change.ts';
import type { Watch } from './yaml-construct.ts';
import { flowText } from './yaml-edit-flow.ts';

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
  const isGone = (at: number): boolean => changes.some(({ from, to }) => from <= at && at < to);
  return repeats
    .filter(({ from, target }) => isGone(target) && !isGone(from))
    .map(({ from, to, value }) => replacement(from, to, flowText(value)));
}
