import { constants, crc32 } from 'node:zlib';
import { deflateRawSync } from '../../runtime/zlib-streams.ts';
import type { Deflated, Splice } from '../splices.ts';
import {
  alignByStoredBlock,
  appendBits,
  type BitWriter,
  bitLength,
  createBitWriter,
  padToByte,
  writtenBytes,
} from './bits.ts';
import { beginBlock, endBlock, writeCopy, writeLiteral } from './block.ts';
import { type CodedFile, tokensPerIndexEntry } from './coded-file.ts';
import { fixedCodes } from './codes.ts';
import { crcMultiplierFor } from './crc.ts';
import { windowSize } from './header-block.ts';
import { currentDistance, type RewriteState, rewriteTokens } from './rewriting.ts';
import { lengthOfToken, literalCount } from './tokens.ts';

/** Bytes of the longest insert written as literals; longer ones are deflated. */
export const maxLiteralInsertBytes = 512;

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/**
 * Deflates an edited file out of its old tokens.
 * Where the file has not moved, bits before the first splice are copied. Behind it, copies get their new distance, or become literals where the
 * copied bytes are gone.
 *
 * @param content the new content
 * @param offsetChange bytes that the file is further behind the body than when it was coded
 */
export function deflateEdited(
  file: CodedFile,
  splices: readonly Splice[],
  content: Buffer,
  offsetChange: number,
): Deflated {
  const writer = createBitWriter(file.bytes.length + 1_024);
  const rewriting = startRewriting(writer, file, splices, content, offsetChange);
  while (rewriting.at < file.tokens.length) {
    moveToBlock(rewriting);
    if (copyUnchangedBits(rewriting)) continue;
    rewriteTokens(rewriting);
    if (rewriting.at < file.tokens.length) rewriteToken(rewriting);
  }
  for (let rest = splices[rewriting.splicesDone]; rest; rest = splices[rewriting.splicesDone])
    writeInsert(rewriting, rest);
  endBlock(writer, rewriting.codes);
  const bits = bitLength(writer);
  padToByte(writer);
  const { length } = content;
  return {
    offsetChange,
    bytes: new Uint8Array(writtenBytes(writer)),
    bits,
    crc: crc32(content),
    crcMultiplier: crcMultiplierFor(length),
  };
}

/** Copies the bits before the first splice, up to an indexed token, and returns the state behind them. */
function startRewriting(
  writer: BitWriter,
  file: CodedFile,
  splices: readonly Splice[],
  content: Buffer,
  offsetChange: number,
): RewriteState {
  const { tokens, blocks, bytes, offsets, bitOffsets } = file;
  const until = offsetChange === 0 ? (splices[0]?.from ?? file.size) : 0;
  let low = 0;
  for (let high = offsets.length; high - low > 1; ) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= until) low = middle;
    else high = middle;
  }
  const at = low * tokensPerIndexEntry;
  const block = Math.max(
    0,
    blocks.findIndex(({ end }) => at < end),
  );
  if (tokens.length > 0) appendBits(writer, bytes, 0, bitOffsets[low]);
  else beginBlock(writer, fixedCodes);
  const codes = blocks[block]?.codes ?? fixedCodes;
  const splice = { splicesDone: 0, keptFrom: 0, lengthChange: 0 };
  return {
    writer,
    file,
    splices,
    content,
    offsetChange,
    at,
    offset: offsets[low] ?? 0,
    block,
    codes,
    ...splice,
  };
}

function moveToBlock(rewriting: RewriteState): void {
  const { writer, file, at } = rewriting;
  while (at >= (file.blocks[rewriting.block]?.end ?? Number.POSITIVE_INFINITY)) {
    endBlock(writer, rewriting.codes);
    rewriting.block += 1;
    rewriting.codes = file.blocks[rewriting.block]?.codes ?? fixedCodes;
    beginBlock(writer, rewriting.codes);
  }
}

/**
 * Copies the bits of indexed runs of tokens whose window holds no change.
 * @returns false where there is no such run
 */
function copyUnchangedBits(rewriting: RewriteState): boolean {
  const { writer, file, splices, at, offset, keptFrom, splicesDone, offsetChange } = rewriting;
  const { offsets, bitOffsets, blocks } = file;
  if (
    at % tokensPerIndexEntry !== 0 ||
    offset - windowSize < (splicesDone === 0 && offsetChange === 0 ? -windowSize : keptFrom)
  )
    return false;
  const limit = splices[splicesDone]?.from ?? Number.POSITIVE_INFINITY;
  const end = blocks[rewriting.block]?.end ?? 0;
  const first = at / tokensPerIndexEntry;
  let next = first;
  while ((next + 1) * tokensPerIndexEntry < end && (offsets[next + 1] ?? Number.POSITIVE_INFINITY) <= limit)
    next += 1;
  if (next === first) return false;
  appendBits(writer, file.bytes, bitOffsets[first], bitOffsets[next]);
  rewriting.at = next * tokensPerIndexEntry;
  rewriting.offset = offsets[next] ?? 0;
  return true;
}

function rewriteToken(rewriting: RewriteState): void {
  const { file, splices, offset } = rewriting;
  const token = file.tokens[rewriting.at] ?? 0;
  const end = offset + lengthOfToken(token);
  let start = Math.max(offset, rewriting.keptFrom);
  while (start < end) {
    const next = splices[rewriting.splicesDone];
    if (!next || next.from >= end) {
      writeKept(rewriting, token, start, end);
      break;
    }
    if (next.from > start) writeKept(rewriting, token, start, next.from);
    writeInsert(rewriting, next);
    start = rewriting.keptFrom;
  }
  rewriting.at += 1;
  rewriting.offset = end;
}

function writeInsert(rewriting: RewriteState, { from, to, bytes }: Splice): void {
  const { writer, codes, content, lengthChange } = rewriting;
  if (bytes.length <= maxLiteralInsertBytes) for (const byte of bytes) writeLiteral(writer, codes, byte);
  else {
    endBlock(writer, codes);
    alignByStoredBlock(writer);
    const start = from + lengthChange;
    const dictionary = content.subarray(Math.max(0, start - windowSize), start);
    appendBits(writer, deflateRawSync(bytes, { ...settings, ...(start > 0 && { dictionary }) }));
    beginBlock(writer, codes);
  }
  rewriting.lengthChange += bytes.length - (to - from);
  rewriting.keptFrom = to;
  rewriting.splicesDone += 1;
}

/** Writes the bytes `start` to `end` of the old content, all of one token, as a copy or as literals. */
function writeKept(rewriting: RewriteState, token: number, start: number, end: number): void {
  const { writer, codes, content, lengthChange } = rewriting;
  const length = end - start;
  if (token >= literalCount && length >= 3) {
    const distance = token >>> 9;
    const now =
      start - distance >= rewriting.keptFrom ? distance : currentDistance(rewriting, distance, start, length);
    if (now > 0) {
      writeCopy(writer, codes, length, now);
      return;
    }
  }
  for (let place = start + lengthChange; place < end + lengthChange; place += 1)
    writeLiteral(writer, codes, content[place] ?? 0);
}
