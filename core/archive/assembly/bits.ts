/** A deflate stream that is written bit by bit (RFC 1951, section 3.1.1); {@link writeBits} and its like write into it. */
export interface BitWriter {
  /** Whole bytes up to `at`, and room. */
  output: Buffer;
  at: number;
  /** Bits that are no whole byte yet: how many, and which. */
  count: number;
  held: number;
}

/** @param capacity bytes that are written, about */
export function createBitWriter(capacity: number): BitWriter {
  return { output: Buffer.allocUnsafe(capacity), at: 0, count: 0, held: 0 };
}

/** Makes room for so many bytes more. */
export function ensureCapacity(writer: BitWriter, bytes: number): void {
  const { output, at } = writer;
  if (at + bytes <= output.length) return;
  writer.output = Buffer.allocUnsafe(2 * (at + bytes));
  writer.output.set(output.subarray(0, at));
}

/** @param bits 24 at most */
export function writeBits(writer: BitWriter, value: number, bits: number): void {
  if (writer.at + 4 > writer.output.length) ensureCapacity(writer, 4);
  const { output } = writer;
  let { at, count, held } = writer;
  held |= value << count;
  count += bits;
  while (count >= 8) {
    output[at++] = held;
    held >>>= 8;
    count -= 8;
  }
  writer.at = at;
  writer.count = count;
  writer.held = held;
}

/** Fills up to a whole byte with zeros, behind the last block. */
export function padToByte(writer: BitWriter): void {
  ensureCapacity(writer, 1);
  if (writer.count > 0) writer.output[writer.at++] = writer.held;
  writer.held = 0;
  writer.count = 0;
}

/** Fills up to a whole byte, with an empty stored block (section 3.2.4) unless there is nothing to fill. */
export function align(writer: BitWriter): void {
  if (writer.count === 0) return;
  writeBits(writer, 0, 3);
  padToByte(writer);
  writeBits(writer, 0, 16);
  writeBits(writer, 0xffff, 16);
}

/** Puts bits of bytes behind what is there, from one to another. @returns where they are, in bits from the beginning */
export function appendBits(writer: BitWriter, bytes: Uint8Array, from = 0, to = 8 * bytes.length): number {
  const firstBit = bitLength(writer);
  const first = (8 - (from & 7)) & 7;
  let at = from;
  if (first > 0 && at < to) {
    const bits = Math.min(first, to - at);
    writeBits(writer, ((bytes[at >>> 3] ?? 0) >>> (at & 7)) & ((1 << bits) - 1), bits);
    at += bits;
  }
  const whole = (to - at) >>> 3;
  if (whole > 0) appendBytes(writer, bytes, at >>> 3, whole);
  at += 8 * Math.max(0, whole);
  if (at < to) writeBits(writer, (bytes[at >>> 3] ?? 0) & ((1 << (to - at)) - 1), to - at);
  return firstBit;
}

function appendBytes(writer: BitWriter, bytes: Uint8Array, from: number, count: number): void {
  ensureCapacity(writer, count);
  const { output } = writer;
  if (writer.count === 0) {
    output.set(count === bytes.length ? bytes : bytes.subarray(from, from + count), writer.at);
    writer.at += count;
    return;
  }
  let { at, held } = writer;
  for (let index = from; index < from + count; index += 1) {
    held |= (bytes[index] ?? 0) << writer.count;
    output[at++] = held;
    held >>>= 8;
  }
  writer.at = at;
  writer.held = held;
}

/** Puts bits over zeros at a place that was written before. */
export function overwriteBits({ output }: BitWriter, place: number, value: number, bits: number): void {
  let byte = place >>> 3;
  for (let rest = value << (place & 7), left = bits + (place & 7); left > 0; left -= 8) {
    output[byte] = (output[byte] ?? 0) | (rest & 255);
    rest >>>= 8;
    byte += 1;
  }
}

/** Bits so far. */
export function bitLength({ at, count }: BitWriter): number {
  return 8 * at + count;
}

/** Everything so far, whole bytes. */
export function writtenBytes({ output, at }: BitWriter): Buffer {
  return output.subarray(0, at);
}
