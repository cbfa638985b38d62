import { lengthOfToken, literalCount, makeCopyToken, type TokenBlocks } from './tokens.ts';

/** Treatment of bytes: copied from the token's distance, written as literals, or left out. */
export type TokenAction = 'copy' | 'literal' | 'drop';

/**
 * Cuts zlib's tokens wherever the treatment of their bytes changes, and emits the results.
 * Pieces of a copy below 3 bytes, the shortest copy of deflate, become literals.
 * @param actionOf treatment of the byte at an offset; `distance` is the token's, 0 for a literal
 * @param emit called with a token and the offset of its first byte
 * @param endBlock called with the offset behind each of zlib's blocks
 */
export function cutTokens(
  bytes: Buffer,
  { tokens, ends }: TokenBlocks,
  actionOf: (at: number, distance: number) => TokenAction,
  emit: (token: number, at: number) => void,
  endBlock: (at: number) => void,
): void {
  let offset = 0;
  let block = 0;

  function emitLiterals(from: number, to: number): void {
    for (let at = from; at < to; at += 1) emit(bytes[at] ?? 0, at);
  }

  for (const [index, token] of tokens.entries()) {
    const end = offset + lengthOfToken(token);
    const distance = token < literalCount ? 0 : token >>> 9;
    for (let at = offset; at < end; ) {
      const start = at;
      const action = actionOf(at, distance);
      at += 1;
      while (at < end && actionOf(at, distance) === action) at += 1;
      if (action === 'drop') continue;
      if (action === 'copy' && at - start >= 3) emit(makeCopyToken(at - start, distance), start);
      else emitLiterals(start, at);
    }
    offset = end;
    while (ends[block] === index + 1) {
      endBlock(offset);
      block += 1;
    }
  }
}
