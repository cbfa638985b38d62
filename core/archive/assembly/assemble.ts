import { crc32 } from 'node:zlib';
import type { Deflated, Edit } from '../splices.ts';
import { blockSize, paddingOf, writeHeader } from '../tar-header.ts';
import type { Arrangement, PreparedChart, PreparedFile } from './arrange.ts';
import { align, appendBits, type BitWriter, bitLength, createBitWriter, padToByte, writtenBytes } from './bits.ts';
import { beginBlock, endBlock } from './block.ts';
import { headerOf, writeBody } from './body.ts';
import type { CodedFile } from './coded-file.ts';
import { fixedCodes } from './codes.ts';
import { combineCrc } from './crc.ts';
import { deflateFresh } from './deflate-fresh.ts';
import { deflateHeader, windowSize, writeZeros } from './header-block.ts';
import { deflateEdited } from './write-edited.ts';

/** Packs an archive out of pieces that were deflated before, and deflates the rest. One ordinary gzip member (RFC 1952). */
export async function assembleArchive({ folder, ready, fresh }: Arrangement): Promise<Buffer> {
  const rest = await deflateFresh(folder, fresh, ready);
  const state = startState();
  const writer = createBitWriter(estimateBytes(ready) + rest.bytes.length);
  appendBits(writer, gzipHeader);
  for (const chart of ready) writeChart(writer, chart, state);
  endFile(writer, state);
  align(writer);
  appendBits(writer, rest.bytes);
  state.crc = crc32(rest.plain, state.crc);
  state.bytes += rest.plain.length;
  writeEnd(writer, state);
  return writtenBytes(writer);
}

/** Bytes that a chart takes. */
export function measureChart(chart: PreparedChart): number {
  const writer = createBitWriter(estimateBytes([chart]));
  writeChart(writer, chart, startState());
  return Math.ceil(bitLength(writer) / 8);
}

interface AssemblyState {
  /** CRC-32 and length of the tar archive so far. */
  crc: number;
  bytes: number;
  /** The header before, as many bytes back as `distance` and the padding that the content behind it still needs. */
  before: Buffer | undefined;
  distance: number;
  padding: number;
}

function startState(): AssemblyState {
  return { crc: 0, bytes: 0, before: undefined, distance: 0, padding: 0 };
}

function writeChart(writer: BitWriter, { folder, pieces: { body }, coded }: PreparedChart, state: AssemblyState): void {
  if (body) {
    endFile(writer, state);
    state.crc = writeBody(writer, body, folder, state.crc);
    state.bytes += body.size;
    const last = body.files.at(-1);
    const size = last ? last.size + paddingOf(last.size) + blockSize : 0;
    state.distance = size;
    state.before = last && size <= windowSize ? headerOf(last, folder) : undefined;
  }
  const bodyEnd = state.bytes;
  for (const file of coded) writeFile(writer, file, folder, state, bodyEnd);
}

/** Pads the file before. */
function endFile(writer: BitWriter, state: AssemblyState): void {
  const { padding } = state;
  if (padding === 0) return;
  beginBlock(writer, fixedCodes);
  writeZeros(writer, padding);
  endBlock(writer, fixedCodes);
  state.crc = crc32(zeros.subarray(0, padding), state.crc);
  state.bytes += padding;
  state.distance += padding;
  state.padding = 0;
}

/** @param bodyEnd where the body ended */
function writeFile(
  writer: BitWriter,
  { path, file, content, edit }: PreparedFile,
  folder: string,
  state: AssemblyState,
  bodyEnd: number,
): void {
  const { length } = content;
  const { padding } = state;
  const header = writeHeader({ name: path, prefix: folder }, length, '0', padding);
  const distance = state.distance + padding;
  deflateHeader(writer, header, padding, distance <= windowSize ? state.before : undefined, distance);
  state.crc = crc32(header, state.crc);
  const moved = state.bytes + header.length - bodyEnd - file.lead;
  const deflated = edit
    ? deflateEdit(file, edit, content, moved)
    : moved === 0
      ? file
      : deflateEdited(file, [], content, moved);
  if (deflated.bits > 0) {
    align(writer);
    appendBits(writer, deflated.bytes, 0, deflated.bits);
  }
  state.crc = combineCrc(state.crc, deflated.crc, deflated.shift);
  state.bytes += header.length + length;
  state.before = header;
  state.distance = blockSize + length;
  state.padding = paddingOf(length);
}

/** Recipes that differ in little make the same of most files. */
function deflateEdit(file: CodedFile, edit: Edit, content: Buffer, moved: number): Deflated {
  if (edit.deflated?.moved !== moved) edit.deflated = deflateEdited(file, edit.splices, content, moved);
  return edit.deflated;
}

const zeros = Buffer.alloc(3 * blockSize);

/** Two empty blocks end a tar archive; CRC and length end the member. */
function writeEnd(writer: BitWriter, { crc, bytes, padding }: AssemblyState): void {
  const end = zeros.subarray(0, padding + 2 * blockSize);
  beginBlock(writer, fixedCodes, true);
  writeZeros(writer, end.length);
  endBlock(writer, fixedCodes);
  padToByte(writer);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(end, crc), 0);
  trailer.writeUInt32LE((bytes + end.length) >>> 0, 4);
  appendBits(writer, trailer);
}

/** Bytes of charts, with room for what is new of them. */
function estimateBytes(charts: readonly PreparedChart[]): number {
  let bytes = 4 * blockSize;
  for (const { pieces, coded } of charts) {
    for (const section of pieces.body?.sections ?? []) bytes += section.bytes.length + blockSize;
    for (const { file, edit } of coded)
      bytes += Math.max(file.bytes.length, edit?.deflated?.bytes.length ?? 0) + blockSize;
  }
  return bytes;
}

/** RFC 1952, section 2.3: deflate, no flags, no time, no hint on the speed, no system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
