import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Deflated, Splice } from '../splices.ts';
import { type BitWriter, createBitWriter } from './bits.ts';
import { beginBlock, endBlock, writeCopy, writeLiteral } from './block.ts';
import { type CodedFile, indexStep } from './coded-file.ts';
import { fixedCodes } from './codes.ts';
import { crcShift } from './crc.ts';
import { farthest } from './header-block.ts';
import { lengthOfToken, literals } from './tokens.ts';

/** New bytes up to so many are written one by one, without looking for what they could be copied from. */
export const mostLiterals = 512;

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/** {@link writeEdited} by itself. */
export function deflateEdited(
  file: CodedFile,
  splices: readonly Splice[],
  content: Buffer,
  moved: number,
): Deflated {
  const writer = createBitWriter(mostBytesOf(file, splices, content));
  writeEdited(writer, file, splices, content, moved);
  const bits = writer.length();
  writer.fill();
  const { length } = content;
  return {
    moved,
    bytes: Uint8Array.from(writer.finish()),
    bits,
    crc: crc32(content),
    shift: crcShift(length),
  };
}

/** Bytes that it takes at most: of a byte come two, of codes 400. */
export function mostBytesOf(file: CodedFile, splices: readonly Splice[], content: Buffer): number {
  return 2 * content.length + 1_024 * (1 + splices.length + file.blocks.length);
}

/**
 * Writes what a file has become. Up to its first change that is as it was deflated before; behind it are the same tokens,
 * their copies as far back as the source now is, or as bytes where it is not there any more.
 *
 * @param content the new one
 * @param moved by how many bytes it is further behind the body than it was
 */
function writeEdited(
  writer: BitWriter,
  file: CodedFile,
  splices: readonly Splice[],
  content: Buffer,
  moved: number,
): void {
  const { tokens, blocks } = file;
  const walk = begin(writer, file, moved === 0 ? (splices[0]?.from ?? file.size) : 0);
  let { at, offset } = walk;
  let blockAt = walk.block;
  let codes = blocks[blockAt]?.codes ?? fixedCodes;
  /** Splices that were written, and offsets of the old content from which on it is kept, and is further back by so much. */
  let done = 0;
  let from = 0;
  let shift = 0;

  function insert(splice: Splice): void {
    const { bytes } = splice;
    if (bytes.length <= mostLiterals) for (const byte of bytes) writeLiteral(writer, codes, byte);
    else {
      endBlock(writer, codes);
      writer.align();
      const start = splice.from + shift;
      const dictionary = content.subarray(Math.max(0, start - farthest), start);
      writer.append(deflateRawSync(bytes, { ...settings, ...(start > 0 && { dictionary }) }));
      beginBlock(writer, codes);
    }
    shift += bytes.length - (splice.to - splice.from);
    from = splice.to;
    done += 1;
  }

  function keep(token: number, start: number, end: number): void {
    const length = end - start;
    if (token >= literals && length >= 3) {
      const distance = distanceNow(token >>> 9, start, length);
      if (distance > 0) {
        writeCopy(writer, codes, length, distance);
        return;
      }
    }
    for (let place = start + shift; place < end + shift; place += 1)
      writeLiteral(writer, codes, content[place] ?? 0);
  }

  /** @returns 0 when what was copied is not there as it was */
  function distanceNow(distance: number, start: number, length: number): number {
    const source = start - distance;
    if (source >= from) return distance;
    const end = Math.min(source + length, start);
    let before = 0;
    for (let index = 0; index < done; index += 1) {
      const splice = splices[index];
      if (!splice || splice.from >= end) break;
      if (splice.to > source) return 0;
      before += splice.bytes.length - (splice.to - splice.from);
    }
    const now = distance + shift - before + (source < 0 ? moved : 0);
    if (now > farthest || (now !== distance && distance < length)) return 0;
    return now;
  }

  for (; at < tokens.length; at += 1) {
    while (at >= (blocks[blockAt]?.end ?? 0)) {
      endBlock(writer, codes);
      blockAt += 1;
      codes = blocks[blockAt]?.codes ?? fixedCodes;
      beginBlock(writer, codes);
    }
    const token = tokens[at] ?? 0;
    const end = offset + lengthOfToken(token);
    let start = Math.max(offset, from);
    while (start < end) {
      const next = splices[done];
      if (!next || next.from >= end) {
        keep(token, start, end);
        break;
      }
      if (next.from > start) keep(token, start, next.from);
      insert(next);
      start = from;
    }
    offset = end;
  }
  for (let rest = splices[done]; rest; rest = splices[done]) insert(rest);
  endBlock(writer, codes);
}

/** Copies what stays before an offset, up to a token's begin. */
function begin(
  writer: BitWriter,
  { tokens, blocks, bytes, bits, offsets, places }: CodedFile,
  until: number,
): { at: number; offset: number; block: number } {
  if (tokens.length === 0) {
    beginBlock(writer, fixedCodes);
    return { at: 0, offset: 0, block: 0 };
  }
  let low = 0;
  for (let high = offsets.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= until) low = middle;
    else high = middle;
  }
  const at = low * indexStep;
  const block = blocks.findIndex(({ end }) => at < end);
  writer.append(bytes, Math.min(bits, places[low] ?? 0));
  return { at, offset: offsets[low] ?? 0, block };
}
