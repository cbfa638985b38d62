import { blockSize } from '../tar-header.ts';
import type { BitWriter } from './bits.ts';
import { beginBlock, endBlock, writeCopy, writeLiteral } from './block.ts';
import { fixedCodes, maxMatch } from './codes.ts';

/** How far a match of deflate reaches back (RFC 1951, section 3.2.5). */
export const windowSize = 32_768;

/**
 * Deflates a tar header, and the zeros before it that pad the file before, as a block of its own: the first header of what
 * was deflated before names the folder, which only the recipe knows. What stands at the same place in the header before,
 * and runs of one byte, are copied.
 *
 * @param bytes the header behind so many zeros as `padding` says
 * @param before the header before this one, `distance` bytes back, in the same form; undefined when it is out of reach
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
  // What has to be added to a place in one to have it in the other.
  const shift = before ? before.length - bytes.length : 0;
  const end = before && haveSameTail(bytes, padding, before, shift) ? padding + tail : bytes.length;
  for (let at = padding; at < end; ) {
    const copy = before ? countEqual(bytes, at, before, at + shift, end) : 0;
    const run = at === padding || copy === maxMatch ? 0 : countEqual(bytes, at, bytes, at - 1, end);
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
    writeCopy(writer, fixedCodes, maxMatch, distance);
    writeCopy(writer, fixedCodes, blockSize - tail - maxMatch, distance);
  }
  endBlock(writer, fixedCodes);
}

/** Where the part of a header begins that is always the same, but for the entry's type and the folder. */
const tail = 155;
const typeAt = 156;
const prefixAt = 345;
const prefixEnd = 500;

function haveSameTail(bytes: Uint8Array, padding: number, before: Uint8Array, shift: number): boolean {
  if (bytes[padding + typeAt] !== before[padding + typeAt + shift]) return false;
  for (let at = padding + prefixAt; at < padding + prefixEnd; at += 1) {
    if (bytes[at] !== before[at + shift]) return false;
    if (bytes[at] === 0) return true;
  }
  return true;
}

/** Zeros behind anything, within a block of fixed codes. */
export function writeZeros(writer: BitWriter, count: number): void {
  if (count === 0) return;
  writeLiteral(writer, fixedCodes, 0);
  let rest = count - 1;
  // A match is of three at least.
  while (rest >= 3) {
    const length = Math.min(maxMatch, rest);
    writeCopy(writer, fixedCodes, length, 1);
    rest -= length;
  }
  for (; rest > 0; rest -= 1) writeLiteral(writer, fixedCodes, 0);
}

/** How many bytes from `at` on are the same as those from `from` on. */
function countEqual(bytes: Uint8Array, at: number, other: Uint8Array, from: number, end: number): number {
  const maxLength = Math.min(maxMatch, end - at);
  let length = 0;
  while (length < maxLength && bytes[at + length] === other[from + length]) length += 1;
  return length;
}
