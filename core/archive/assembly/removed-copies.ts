import type { Splice } from '../splices.ts';
import { type CodedFile, tokensPerIndexEntry } from './coded-file.ts';
import { windowSize } from './header-block.ts';
import { lengthOfToken, literalCount } from './tokens.ts';

/** Removed bytes up to which the copies behind a splice are not counted: a changed scalar loses few. */
const minRemovedBytes = 16;

/**
 * Counts the bytes of copies whose source the splices remove. An edited file writes them as literals, where one
 * stream would find another copy. Blocks of values.yaml that a recipe takes out cost most.
 */
export function countRemovedCopyBytes(file: CodedFile, splices: readonly Splice[]): number {
  let bytes = 0;
  splices.forEach(({ from, to }, index) => {
    if (to - from < minRemovedBytes) return;
    const rest = splices.slice(index + 1);
    for (const { offset, length, source } of copiesBehind(file, to)) {
      if (source >= to || source + length <= from) continue;
      const isRemoved = rest.some((later) => later.from < offset + length && offset < later.to);
      if (!isRemoved) bytes += length;
    }
  });
  return bytes;
}

/** Yields the copies that begin behind a place of the old content, and near enough to copy from before it. */
function* copiesBehind({ tokens, offsets }: CodedFile, from: number) {
  const next = offsets.findIndex((offset) => offset > from);
  const entry = (next < 0 ? offsets.length : next) - 1;
  let offset = offsets[entry] ?? 0;
  for (let at = entry * tokensPerIndexEntry; at < tokens.length && offset < from + windowSize; at += 1) {
    const token = tokens[at] ?? 0;
    const length = lengthOfToken(token);
    if (token >= literalCount && offset >= from) yield { offset, length, source: offset - (token >>> 9) };
    offset += length;
  }
}
