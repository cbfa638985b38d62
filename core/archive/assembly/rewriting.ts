import type { Splice } from '../splices.ts';
import { type BitWriter, ensureCapacity } from './bits.ts';
import { type CodedFile, tokensPerIndexEntry } from './coded-file.ts';
import {
  distanceExtraBitsOfSymbol,
  distanceSymbol,
  extraBitsByLength,
  extraValueByLength,
  type HuffmanCodes,
  symbolByLength,
} from './codes.ts';
import { windowSize } from './header-block.ts';
import { literalCount } from './tokens.ts';

/** State of deflating an edited file: the position in the old tokens and in the splices. */
export interface RewriteState {
  writer: BitWriter;
  file: CodedFile;
  splices: readonly Splice[];
  /** New content. */
  content: Buffer;
  /** Bytes that the file is further behind the body than when it was coded. */
  offsetChange: number;
  /** Index of the next token. */
  at: number;
  /** Offset in the old content at which the next token begins. */
  offset: number;
  /** Index of the current block. */
  block: number;
  codes: HuffmanCodes;
  /** Number of splices written. */
  splicesDone: number;
  /** Offset in the old content behind the last splice written; the old content stays from there on. */
  keptFrom: number;
  /** Bytes that the splices written made the content longer. */
  lengthChange: number;
}

/**
 * Writes tokens up to the next splice or the block's end. Writing also stops at a token from which bits can be
 * copied. The bit writer is inlined here, because most tokens of an edited file pass through this loop.
 */
export function rewriteTokens(rewriting: RewriteState): void {
  const { writer, file, splices, codes, keptFrom, splicesDone } = rewriting;
  const { tokens, blocks } = file;
  const { symbolCodes, symbolBits, distanceCodes, distanceBits } = codes;
  const limit = splices[splicesDone]?.from ?? Number.POSITIVE_INFINITY;
  const end = blocks[rewriting.block]?.end ?? 0;
  let { at, offset } = rewriting;
  let { at: byte, pendingCount, pending, output } = writer;
  if (offset < keptFrom) return;
  const firstToken = at;
  for (; at < end; at += 1) {
    const token = tokens[at] ?? 0;
    const length = token < literalCount ? 1 : token & 511;
    if (
      offset + length > limit ||
      (at % tokensPerIndexEntry === 0 && at > firstToken && offset - windowSize >= keptFrom)
    )
      break;
    if (byte + 16 > output.length) {
      writer.at = byte;
      ensureCapacity(writer, 1_024);
      output = writer.output;
    }
    if (token < literalCount) {
      pending |= (symbolCodes[token] ?? 0) << pendingCount;
      pendingCount += symbolBits[token] ?? 0;
    } else {
      let distance = token >>> 9;
      if (offset - distance < keptFrom) {
        distance = currentDistance(rewriting, distance, offset, length);
        if (distance === 0) break;
      }
      const symbol = symbolByLength[length] ?? 0;
      const bits = symbolBits[symbol] ?? 0;
      pending |= ((symbolCodes[symbol] ?? 0) | ((extraValueByLength[length] ?? 0) << bits)) << pendingCount;
      pendingCount += bits + (extraBitsByLength[length] ?? 0);
      while (pendingCount >= 8) {
        output[byte++] = pending;
        pending >>>= 8;
        pendingCount -= 8;
      }
      const distanceCode = distanceSymbol(distance);
      pending |= (distanceCodes[distanceCode] ?? 0) << pendingCount;
      pendingCount += distanceBits[distanceCode] ?? 0;
      while (pendingCount >= 8) {
        output[byte++] = pending;
        pending >>>= 8;
        pendingCount -= 8;
      }
      const extra = distanceExtraBitsOfSymbol(distanceCode);
      pending |= ((distance - 1) & ((1 << extra) - 1)) << pendingCount;
      pendingCount += extra;
    }
    while (pendingCount >= 8) {
      output[byte++] = pending;
      pending >>>= 8;
      pendingCount -= 8;
    }
    offset += length;
  }
  writer.at = byte;
  writer.pendingCount = pendingCount;
  writer.pending = pending;
  rewriting.at = at;
  rewriting.offset = offset;
}

/**
 * Computes a copy's distance in the new content.
 * @param start offset in the old content at which the copy begins
 * @returns 0 where a splice changed the copied bytes, or the distance is no longer possible
 */
export function currentDistance(
  { splices, splicesDone, lengthChange, offsetChange }: RewriteState,
  distance: number,
  start: number,
  length: number,
): number {
  const source = start - distance;
  const end = Math.min(source + length, start);
  let before = 0;
  for (let index = 0; index < splicesDone; index += 1) {
    const splice = splices[index];
    if (!splice || splice.from >= end) break;
    if (splice.to > source) return 0;
    before += splice.bytes.length - (splice.to - splice.from);
  }
  const now = distance + lengthChange - before + (source < 0 ? offsetChange : 0);
  return now > windowSize || (now !== distance && distance < length) ? 0 : now;
}
