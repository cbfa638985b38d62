import { copyToken, lengthOfToken, literals, type TokenBlocks } from './tokens.ts';

/** What becomes of a stretch of bytes: copied as the token says, written as they are, or left out. */
export type Fate = 'copy' | 'literal' | 'drop';

/**
 * Goes through what zlib made of bytes, and tells of each stretch of a token what is to be written.
 * @param fateOf what may become of a byte that a token copies from so far back, or has itself (then the distance is 0)
 * @param emit takes a token and the offset of its first byte
 * @param endBlock takes the offset behind a block of zlib's
 */
export function cutTokens(
  bytes: Buffer,
  { tokens, ends }: TokenBlocks,
  fateOf: (at: number, distance: number) => Fate,
  emit: (token: number, at: number) => void,
  endBlock: (at: number) => void,
): void {
  let offset = 0;
  let block = 0;

  function literally(from: number, to: number): void {
    for (let at = from; at < to; at += 1) emit(bytes[at] ?? 0, at);
  }

  for (const [index, token] of tokens.entries()) {
    const end = offset + lengthOfToken(token);
    const distance = token < literals ? 0 : token >>> 9;
    for (let at = offset; at < end; ) {
      const start = at;
      const fate = fateOf(at, distance);
      at += 1;
      while (at < end && fateOf(at, distance) === fate) at += 1;
      if (fate === 'drop') continue;
      if (fate === 'copy' && at - start >= 3) emit(copyToken(at - start, distance), start);
      else literally(start, at);
    }
    offset = end;
    while (ends[block] === index + 1) {
      endBlock(offset);
      block += 1;
    }
  }
}
