import type { Splice } from '../splices.ts';
import { type CodedFile, tokensPerIndexEntry } from './coded-file.ts';
import { windowSize } from './header-block.ts';
import { lengthOfToken, literalCount } from './tokens.ts';

/** Removed bytes up to which the copies behind a splice are not counted: a changed scalar loses few. */
const minRemovedBytes = 16;

/**
 * Counts the bytes of copies whose source the splices remove. An edited file writes them as literals, where one
 * stream would find another copy. Blocks of values.yaml that a recipe takes out cost most.
 * Tokens are read once, since a recipe may have thousands of splices.
 */
export function countRemovedCopyBytes({ tokens, offsets }: CodedFile, splices: readonly Splice[]): number {
  const removals = splices.filter(({ from, to }) => to - from >= minRemovedBytes);
  const [first, last] = [removals[0], removals.at(-1)];
  if (!first || !last) return 0;
  const entry = Math.max(0, findFirst(offsets, (offset) => offset > first.to) - 1);
  let bytes = 0;
  let next = 0;
  let offset = offsets[entry] ?? 0;
  for (let at = entry * tokensPerIndexEntry; at < tokens.length && offset < last.to + windowSize; at += 1) {
    const token = tokens[at] ?? 0;
    const length = lengthOfToken(token);
    const end = offset + length;
    while (next < splices.length && (splices[next]?.to ?? 0) <= offset) next += 1;
    const isKept = (splices[next]?.from ?? Number.POSITIVE_INFINITY) >= end;
    if (token >= literalCount && isKept) {
      const source = offset - (token >>> 9);
      const removal = removals[findFirst(removals, ({ to }) => to > source)];
      if (removal && removal.to <= offset && removal.from < source + length) bytes += length;
    }
    offset = end;
  }
  return bytes;
}

/** Finds the index of the first item that passes a test, of which all behind it pass too; the length where none does. */
function findFirst<Item>(items: ArrayLike<Item>, passes: (item: Item) => boolean): number {
  let low = 0;
  for (let high = items.length; low < high; ) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && passes(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
