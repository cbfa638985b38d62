import { blockSize, maxPrefixBytes, prefixOffset } from '../tar-header.ts';
import type { BitWriter } from './bits.ts';
import { beginBlock, endBlock, writeCopy, writeLiteral } from './block.ts';
import { fixedCodes, maxCopyLength } from './codes.ts';

/** Largest distance of a copy in deflate (RFC 1951, section 3.2.5), in bytes. */
export const windowSize = 32_768;

/**
 * Deflates a tar header and the padding before it as one block.
 * Headers that contain the folder cannot be prepared, because only the recipe knows the folder. Bytes that equal the
 * previous header's, and runs of one byte, become copies.
 *
 * @param bytes `padding` zeros and the header
 * @param before previous header with its own padding, `distance` bytes back; undefined where it is out of reach
 */
export function deflateHeader(
  writer: BitWriter,
  bytes: Uint8Array,
  padding: number,
  before: Uint8Array | undefined,
  distance: number,
): void {
  beginBlock(writer, fixedCodes);
  writeZeros(writer, padding);
  // Offset in `before` minus the corresponding offset in `bytes`.
  const shift = before ? before.length - bytes.length : 0;
  const end = before && haveSameTail(bytes, padding, before, shift) ? padding + tailOffset : bytes.length;
  for (let at = padding; at < end; ) {
    const copy = before ? countEqual(bytes, at, before, at + shift, end) : 0;
    const run = at === padding || copy === maxCopyLength ? 0 : countEqual(bytes, at, bytes, at - 1, end);
    // A match far back costs up to 25 bits, a literal 8.
    if (run >= 3 && run >= copy) {
      writeCopy(writer, fixedCodes, run, 1);
      at += run;
    } else if (copy >= 4) {
      writeCopy(writer, fixedCodes, copy, distance);
      at += copy;
    } else {
      writeLiteral(writer, fixedCodes, bytes[at] ?? 0);
      at += 1;
    }
  }
  if (end < bytes.length) {
    writeCopy(writer, fixedCodes, maxCopyLength, distance);
    writeCopy(writer, fixedCodes, blockSize - tailOffset - maxCopyLength, distance);
  }
  endBlock(writer, fixedCodes);
}

/** Offset of the last part of a header, in which only the entry's type and the folder differ. */
const tailOffset = 155;
const typeOffset = 156;
const prefixEnd = prefixOffset + maxPrefixBytes;

function haveSameTail(bytes: Uint8Array, padding: number, before: Uint8Array, shift: number): boolean {
  if (bytes[padding + typeOffset] !== before[padding + typeOffset + shift]) return false;
  for (let at = padding + prefixOffset; at < padding + prefixEnd; at += 1) {
    if (bytes[at] !== before[at + shift]) return false;
    if (bytes[at] === 0) return true;
  }
  return true;
}

/** Writes zeros into a block of fixed codes. */
export function writeZeros(writer: BitWriter, count: number): void {
  if (count === 0) return;
  writeLiteral(writer, fixedCodes, 0);
  let rest = count - 1;
  // The shortest copy has 3 bytes.
  while (rest >= 3) {
    const length = Math.min(maxCopyLength, rest);
    writeCopy(writer, fixedCodes, length, 1);
    rest -= length;
  }
  for (; rest > 0; rest -= 1) writeLiteral(writer, fixedCodes, 0);
}

/** Counts the bytes from `at` on that equal those of `other` from `from` on, up to the longest copy. */
function countEqual(bytes: Uint8Array, at: number, other: Uint8Array, from: number, end: number): number {
  const maxLength = Math.min(maxCopyLength, end - at);
  let length = 0;
  while (length < maxLength && bytes[at + length] === other[from + length]) length += 1;
  return length;
}
