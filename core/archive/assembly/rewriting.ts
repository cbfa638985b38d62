import type { Splice } from '../splices.ts';
import { type BitWriter, ensureCapacity } from './bits.ts';
import { type CodedFile, indexStep } from './coded-file.ts';
import {
  type Codes,
  distanceSymbol,
  extraBitsOfDistance,
  lengthExtraBits,
  lengthExtraValues,
  lengthSymbols,
} from './codes.ts';
import { windowSize } from './header-block.ts';
import { literals } from './tokens.ts';

/** How far the writing of an edited file has come. */
export interface Rewriting {
  writer: BitWriter;
  file: CodedFile;
  splices: readonly Splice[];
  content: Buffer;
  moved: number;
  /** The next token, and the offset in the old content where it begins. */
  at: number;
  offset: number;
  block: number;
  codes: Codes;
  /** Splices that were written. Behind them the old content is kept from this offset on, further back by so much. */
  done: number;
  from: number;
  shift: number;
}

/** Writes tokens up to the next change, or the end of the block, or where more bits could be copied; the quick way. */
export function rewriteTokens(rewriting: Rewriting): void {
  const { writer, file, splices, codes, from, done } = rewriting;
  const { tokens, blocks } = file;
  const { symbolCodes, symbolBits, distanceCodes, distanceBits } = codes;
  const limit = splices[done]?.from ?? Number.POSITIVE_INFINITY;
  const end = blocks[rewriting.block]?.end ?? 0;
  let { at, offset } = rewriting;
  let { at: byte, count, held, output } = writer;
  if (offset < from) return;
  const firstToken = at;
  for (; at < end; at += 1) {
    const token = tokens[at] ?? 0;
    const length = token < literals ? 1 : token & 511;
    if (offset + length > limit || (at % indexStep === 0 && at > firstToken && offset - windowSize >= from))
      break;
    if (byte + 16 > output.length) {
      writer.at = byte;
      ensureCapacity(writer, 1_024);
      output = writer.output;
    }
    if (token < literals) {
      held |= (symbolCodes[token] ?? 0) << count;
      count += symbolBits[token] ?? 0;
    } else {
      let distance = token >>> 9;
      if (offset - distance < from) {
        distance = currentDistance(rewriting, distance, offset, length);
        if (distance === 0) break;
      }
      const symbol = lengthSymbols[length] ?? 0;
      const bits = symbolBits[symbol] ?? 0;
      held |= ((symbolCodes[symbol] ?? 0) | ((lengthExtraValues[length] ?? 0) << bits)) << count;
      count += bits + (lengthExtraBits[length] ?? 0);
      while (count >= 8) {
        output[byte++] = held;
        held >>>= 8;
        count -= 8;
      }
      const far = distanceSymbol(distance);
      held |= (distanceCodes[far] ?? 0) << count;
      count += distanceBits[far] ?? 0;
      while (count >= 8) {
        output[byte++] = held;
        held >>>= 8;
        count -= 8;
      }
      const extra = extraBitsOfDistance(far);
      held |= ((distance - 1) & ((1 << extra) - 1)) << count;
      count += extra;
    }
    while (count >= 8) {
      output[byte++] = held;
      held >>>= 8;
      count -= 8;
    }
    offset += length;
  }
  writer.at = byte;
  writer.count = count;
  writer.held = held;
  rewriting.at = at;
  rewriting.offset = offset;
}

/** @returns 0 when what was copied is not there as it was */
export function currentDistance(
  { splices, done, shift, moved }: Rewriting,
  distance: number,
  start: number,
  length: number,
): number {
  const source = start - distance;
  const end = Math.min(source + length, start);
  let before = 0;
  for (let index = 0; index < done; index += 1) {
    const splice = splices[index];
    if (!splice || splice.from >= end) break;
    if (splice.to > source) return 0;
    before += splice.bytes.length - (splice.to - splice.from);
  }
  const now = distance + shift - before + (source < 0 ? moved : 0);
  return now > windowSize || (now !== distance && distance < length) ? 0 : now;
}
