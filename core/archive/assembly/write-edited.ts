import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Deflated, Splice } from '../splices.ts';
import { align, appendBits, type BitWriter, bitLength, createBitWriter, padToByte, writtenBytes } from './bits.ts';
import { beginBlock, endBlock, writeCopy, writeLiteral } from './block.ts';
import { type CodedFile, indexStep } from './coded-file.ts';
import { fixedCodes } from './codes.ts';
import { crcMultiplierFor } from './crc.ts';
import { windowSize } from './header-block.ts';
import { currentDistance, type Rewriting, rewriteTokens } from './rewriting.ts';
import { lengthOfToken, literals } from './tokens.ts';

/** New bytes up to so many are written one by one, without looking for what they could be copied from. */
export const maxLiterals = 512;

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/**
 * Deflates what a file has become. Up to its first change that is as it was deflated before; behind it are the same tokens,
 * their copies as far back as the source now is, or as bytes where it is not there any more.
 *
 * @param content the new one
 * @param moved by how many bytes it is further behind the body than it was
 */
export function deflateEdited(
  file: CodedFile,
  splices: readonly Splice[],
  content: Buffer,
  moved: number,
): Deflated {
  const writer = createBitWriter(file.bytes.length + 1_024);
  const rewriting = startRewriting(writer, file, splices, content, moved);
  while (rewriting.at < file.tokens.length) {
    moveToBlock(rewriting);
    if (copyBits(rewriting)) continue;
    rewriteTokens(rewriting);
    if (rewriting.at < file.tokens.length) rewriteToken(rewriting);
  }
  for (let rest = splices[rewriting.done]; rest; rest = splices[rewriting.done]) writeInsert(rewriting, rest);
  endBlock(writer, rewriting.codes);
  const bits = bitLength(writer);
  padToByte(writer);
  const { length } = content;
  return { moved, bytes: new Uint8Array(writtenBytes(writer)), bits, crc: crc32(content), shift: crcMultiplierFor(length) };
}

/** Copies what stays before the first change, up to a token's begin. */
function startRewriting(
  writer: BitWriter,
  file: CodedFile,
  splices: readonly Splice[],
  content: Buffer,
  moved: number,
): Rewriting {
  const { tokens, blocks, bytes, offsets, places } = file;
  const until = moved === 0 ? (splices[0]?.from ?? file.size) : 0;
  let low = 0;
  for (let high = offsets.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= until) low = middle;
    else high = middle;
  }
  const at = low * indexStep;
  const block = Math.max(
    0,
    blocks.findIndex(({ end }) => at < end),
  );
  if (tokens.length > 0) appendBits(writer, bytes, 0, places[low]);
  else beginBlock(writer, fixedCodes);
  const codes = blocks[block]?.codes ?? fixedCodes;
  const change = { done: 0, from: 0, shift: 0 };
  return { writer, file, splices, content, moved, at, offset: offsets[low] ?? 0, block, codes, ...change };
}

function moveToBlock(rewriting: Rewriting): void {
  const { writer, file, at } = rewriting;
  while (at >= (file.blocks[rewriting.block]?.end ?? Number.POSITIVE_INFINITY)) {
    endBlock(writer, rewriting.codes);
    rewriting.block += 1;
    rewriting.codes = file.blocks[rewriting.block]?.codes ?? fixedCodes;
    beginBlock(writer, rewriting.codes);
  }
}

/** Copies the bits of tokens that reach back to no change and to which none comes, as many as the index has together. */
function copyBits(rewriting: Rewriting): boolean {
  const { writer, file, splices, at, offset, from, done, moved } = rewriting;
  const { offsets, places, blocks } = file;
  if (at % indexStep !== 0 || offset - windowSize < (done === 0 && moved === 0 ? -windowSize : from))
    return false;
  const limit = splices[done]?.from ?? Number.POSITIVE_INFINITY;
  const end = blocks[rewriting.block]?.end ?? 0;
  const first = at / indexStep;
  let next = first;
  while ((next + 1) * indexStep < end && (offsets[next + 1] ?? Number.POSITIVE_INFINITY) <= limit) next += 1;
  if (next === first) return false;
  appendBits(writer, file.bytes, places[first], places[next]);
  rewriting.at = next * indexStep;
  rewriting.offset = offsets[next] ?? 0;
  return true;
}

function rewriteToken(rewriting: Rewriting): void {
  const { file, splices, offset } = rewriting;
  const token = file.tokens[rewriting.at] ?? 0;
  const end = offset + lengthOfToken(token);
  let start = Math.max(offset, rewriting.from);
  while (start < end) {
    const next = splices[rewriting.done];
    if (!next || next.from >= end) {
      writeKept(rewriting, token, start, end);
      break;
    }
    if (next.from > start) writeKept(rewriting, token, start, next.from);
    writeInsert(rewriting, next);
    start = rewriting.from;
  }
  rewriting.at += 1;
  rewriting.offset = end;
}

function writeInsert(rewriting: Rewriting, { from, to, bytes }: Splice): void {
  const { writer, codes, content, shift } = rewriting;
  if (bytes.length <= maxLiterals) for (const byte of bytes) writeLiteral(writer, codes, byte);
  else {
    endBlock(writer, codes);
    align(writer);
    const start = from + shift;
    const dictionary = content.subarray(Math.max(0, start - windowSize), start);
    appendBits(writer, deflateRawSync(bytes, { ...settings, ...(start > 0 && { dictionary }) }));
    beginBlock(writer, codes);
  }
  rewriting.shift += bytes.length - (to - from);
  rewriting.from = to;
  rewriting.done += 1;
}

/** Writes what stays of a token. */
function writeKept(rewriting: Rewriting, token: number, start: number, end: number): void {
  const { writer, codes, content, shift } = rewriting;
  const length = end - start;
  if (token >= literals && length >= 3) {
    const distance = token >>> 9;
    const now =
      start - distance >= rewriting.from ? distance : currentDistance(rewriting, distance, start, length);
    if (now > 0) {
      writeCopy(writer, codes, length, now);
      return;
    }
  }
  for (let place = start + shift; place < end + shift; place += 1)
    writeLiteral(writer, codes, content[place] ?? 0);
}
