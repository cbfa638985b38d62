/** Deflate stream under construction (RFC 1951, section 3.1.1); {@link writeBits} adds bits, the lowest first. */
export interface BitWriter {
  /** Buffer of which the first `at` bytes are written. */
  output: Buffer;
  at: number;
  /** Number of bits in `pending`, below 8 between calls. */
  pendingCount: number;
  /** Bits that do not fill a byte yet. */
  pending: number;
}

/**
 * Creates an empty writer.
 * @param capacity estimate of the bytes that will be written; the buffer grows beyond it
 */
export function createBitWriter(capacity: number): BitWriter {
  return { output: Buffer.allocUnsafe(capacity), at: 0, pendingCount: 0, pending: 0 };
}

/** Grows the buffer until it has room for `bytes` more. */
export function ensureCapacity(writer: BitWriter, bytes: number): void {
  const { output, at } = writer;
  if (at + bytes <= output.length) return;
  writer.output = Buffer.allocUnsafe(2 * (at + bytes));
  writer.output.set(output.subarray(0, at));
}

/**
 * Writes the lowest bits of a value.
 * @param bits number of bits, 24 at most
 */
export function writeBits(writer: BitWriter, value: number, bits: number): void {
  if (writer.at + 4 > writer.output.length) ensureCapacity(writer, 4);
  const { output } = writer;
  let { at, pendingCount, pending } = writer;
  pending |= value << pendingCount;
  pendingCount += bits;
  while (pendingCount >= 8) {
    output[at++] = pending;
    pending >>>= 8;
    pendingCount -= 8;
  }
  writer.at = at;
  writer.pendingCount = pendingCount;
  writer.pending = pending;
}

/** Writes zeros up to a whole byte; valid behind a whole block only. */
export function padToByte(writer: BitWriter): void {
  ensureCapacity(writer, 1);
  if (writer.pendingCount > 0) writer.output[writer.at++] = writer.pending;
  writer.pending = 0;
  writer.pendingCount = 0;
}

/** Aligns to a whole byte by an empty stored block (section 3.2.4). Writes nothing where aligned. */
export function alignByStoredBlock(writer: BitWriter): void {
  if (writer.pendingCount === 0) return;
  writeBits(writer, 0, 3);
  padToByte(writer);
  writeBits(writer, 0, 16);
  writeBits(writer, 0xffff, 16);
}

/**
 * Appends the bits `from` to `to` of some bytes, by default all.
 * @returns the bit offset in the writer's output at which they begin
 */
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
  if (writer.pendingCount === 0) {
    output.set(count === bytes.length ? bytes : bytes.subarray(from, from + count), writer.at);
    writer.at += count;
    return;
  }
  let { at, pending } = writer;
  for (let index = from; index < from + count; index += 1) {
    pending |= (bytes[index] ?? 0) << writer.pendingCount;
    output[at++] = pending;
    pending >>>= 8;
  }
  writer.at = at;
  writer.pending = pending;
}

/** Sets bits at a bit offset of the output at which zeros were written before. */
export function overwriteBits({ output }: BitWriter, offset: number, value: number, bits: number): void {
  let byte = offset >>> 3;
  for (let rest = value << (offset & 7), remaining = bits + (offset & 7); remaining > 0; remaining -= 8) {
    output[byte] = (output[byte] ?? 0) | (rest & 255);
    rest >>>= 8;
    byte += 1;
  }
}

/** Returns the number of bits written. */
export function bitLength({ at, pendingCount }: BitWriter): number {
  return 8 * at + pendingCount;
}

/** Returns the whole bytes written, as a view of the writer's buffer. */
export function writtenBytes({ output, at }: BitWriter): Buffer {
  return output.subarray(0, at);
}
