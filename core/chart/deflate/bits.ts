import { distanceCode, lengthBits, lengthCodes, symbolBits, symbolCodes } from './fixed-codes.ts';

/** Writes a deflate stream bit by bit with the codes that RFC 1951 fixes (section 3.2.6). */
export interface BitWriter {
  literal(byte: number): void;
  /** @param length 3 to 258 @param distance 1 to 32,768 */
  match(length: number, distance: number): void;
  /** Begins a block of fixed codes. */
  begin(last: boolean): void;
  /** Ends the block, and fills up to a whole byte: an empty stored block (section 3.2.4) unless it was the last. */
  end(last: boolean): void;
  /** Puts whole bytes behind what has been ended. */
  append(bytes: Uint8Array): void;
  /** Everything so far. */
  finish(): Buffer;
}

const endOfBlock = 256;
const nearest = distanceCode(1);

/** @param capacity bytes that are written at most */
export function createBitWriter(capacity: number): BitWriter {
  const output = Buffer.allocUnsafe(capacity);
  let at = 0;
  let held = 0;
  let count = 0;
  // Of a header's matches most are as far as the one before.
  let far = 0;
  let farCode = nearest;

  function put(value: number, bits: number): void {
    held |= value << count;
    count += bits;
    while (count >= 8) {
      output[at++] = held;
      held >>>= 8;
      count -= 8;
    }
  }

  return {
    literal: (byte) => put(symbolCodes[byte] ?? 0, symbolBits[byte] ?? 0),
    match(length, distance) {
      put(lengthCodes[length] ?? 0, lengthBits[length] ?? 0);
      if (distance === 1) {
        put(nearest.code, nearest.bits);
        return;
      }
      if (distance !== far) {
        far = distance;
        farCode = distanceCode(distance);
      }
      put(farCode.code, farCode.bits);
    },
    begin: (last) => put(last ? 0b011 : 0b010, 3),
    end(last) {
      put(symbolCodes[endOfBlock] ?? 0, symbolBits[endOfBlock] ?? 0);
      if (!last) put(0b000, 3);
      if (count > 0) output[at++] = held;
      held = 0;
      count = 0;
      if (last) return;
      output[at++] = 0;
      output[at++] = 0;
      output[at++] = 0xff;
      output[at++] = 0xff;
    },
    append(bytes) {
      output.set(bytes, at);
      at += bytes.length;
    },
    finish: () => output.subarray(0, at),
  };
}
