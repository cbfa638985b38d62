/** Writes a deflate stream bit by bit (RFC 1951, section 3.1.1). */
export interface BitWriter {
  /** @param bits 24 at most */
  put(value: number, bits: number): void;
  /** Fills up to a whole byte, with an empty stored block (section 3.2.4) unless there is nothing to fill. */
  align(): void;
  /** Ends the last block on a whole byte. */
  fill(): void;
  /** Puts the first bits of bytes behind a whole byte. @returns where, in bits from the beginning */
  append(bytes: Uint8Array, bits?: number): number;
  /** Puts bits over zeros at a place that was written before. */
  over(at: number, value: number, bits: number): void;
  /** Bits so far. */
  length(): number;
  /** Everything so far, whole bytes. */
  finish(): Buffer;
}

/** @param capacity bytes that are written at most */
export function createBitWriter(capacity: number): BitWriter {
  const output = Buffer.allocUnsafe(capacity);
  let at = 0;
  let held = 0;
  let count = 0;

  function put(value: number, bits: number): void {
    held |= value << count;
    count += bits;
    while (count >= 8) {
      output[at++] = held;
      held >>>= 8;
      count -= 8;
    }
  }

  function fill(): void {
    if (count > 0) output[at++] = held;
    held = 0;
    count = 0;
  }

  return {
    put,
    fill,
    align() {
      if (count === 0) return;
      put(0, 3);
      fill();
      put(0, 16);
      put(0xffff, 16);
    },
    append(bytes, bits = 8 * bytes.length) {
      const from = 8 * at;
      const whole = bits >>> 3;
      output.set(whole === bytes.length ? bytes : bytes.subarray(0, whole), at);
      at += whole;
      count = bits & 7;
      held = count > 0 ? (bytes[whole] ?? 0) & ((1 << count) - 1) : 0;
      return from;
    },
    over(place, value, bits) {
      let byte = place >>> 3;
      for (let rest = value << (place & 7), left = bits + (place & 7); left > 0; left -= 8) {
        output[byte] = (output[byte] ?? 0) | (rest & 255);
        rest >>>= 8;
        byte += 1;
      }
    },
    length: () => 8 * at + count,
    finish: () => output.subarray(0, at),
  };
}
