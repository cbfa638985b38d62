import { crc32 } from 'node:zlib';
import type { Deflated, Edit } from '../splices.ts';
import { blockSize, paddingOf, writeTarHeader } from '../tar-header.ts';
import {
  alignByStoredBlock,
  appendBits,
  type BitWriter,
  bitLength,
  createBitWriter,
  padToByte,
  writtenBytes,
} from './bits.ts';
import { beginBlock, endBlock } from './block.ts';
import { tarHeaderOf, writeBody } from './body.ts';
import type { CodedFile } from './coded-file.ts';
import { fixedCodes } from './codes.ts';
import { combineCrc } from './crc.ts';
import { deflateFresh } from './deflate-fresh.ts';
import { deflateHeader, windowSize, writeZeros } from './header-block.ts';
import type { Arrangement, PreparedChart, PreparedFile } from './parts.ts';
import { deflateEdited } from './write-edited.ts';

/**
 * Assembles an archive from deflated pieces and deflates the remaining files.
 * The result is one ordinary gzip member (RFC 1952).
 */
export async function assembleArchive({ folder, prepared, fresh }: Arrangement): Promise<Buffer> {
  const rest = await deflateFresh(folder, fresh, prepared);
  const state = createAssemblyState();
  const writer = createBitWriter(estimateBytes(prepared) + rest.bytes.length);
  appendBits(writer, gzipHeader);
  for (const chart of prepared) writeChart(writer, chart, state);
  padLastFile(writer, state);
  alignByStoredBlock(writer);
  appendBits(writer, rest.bytes);
  state.crc = crc32(rest.plain, state.crc);
  state.bytes += rest.plain.length;
  writeArchiveEnd(writer, state);
  return writtenBytes(writer);
}

/** Measures the bytes that a prepared chart takes in an archive, by writing it. */
export function measureChart(chart: PreparedChart): number {
  const writer = createBitWriter(estimateBytes([chart]));
  writeChart(writer, chart, createAssemblyState());
  return Math.ceil(bitLength(writer) / 8);
}

interface AssemblyState {
  /** CRC-32 of the tar archive so far. */
  crc: number;
  /** Bytes of the tar archive so far, without `padding`. */
  bytes: number;
  /** Tar header of the last file, `distance` bytes back; undefined where deflate does not reach it. */
  previousHeader: Buffer | undefined;
  distance: number;
  /** Zeros that the last file still needs up to a whole tar block. */
  padding: number;
}

function createAssemblyState(): AssemblyState {
  return { crc: 0, bytes: 0, previousHeader: undefined, distance: 0, padding: 0 };
}

function writeChart(
  writer: BitWriter,
  { folder, pieces: { body }, coded }: PreparedChart,
  state: AssemblyState,
): void {
  if (body) {
    padLastFile(writer, state);
    state.crc = writeBody(writer, body, folder, state.crc);
    state.bytes += body.size;
    const last = body.files.at(-1);
    const size = last ? last.size + paddingOf(last.size) + blockSize : 0;
    state.distance = size;
    state.previousHeader = last && size <= windowSize ? tarHeaderOf(last, folder) : undefined;
  }
  const bodyEnd = state.bytes;
  for (const file of coded) writeFile(writer, file, folder, state, bodyEnd);
}

/** Pads the last file to a whole tar block. */
function padLastFile(writer: BitWriter, state: AssemblyState): void {
  const { padding } = state;
  if (padding === 0) return;
  beginBlock(writer, fixedCodes);
  writeZeros(writer, padding);
  endBlock(writer, fixedCodes);
  state.crc = crc32(zeroBlocks.subarray(0, padding), state.crc);
  state.bytes += padding;
  state.distance += padding;
  state.padding = 0;
}

/** @param bodyEnd offset in the tar archive at which the chart's body ended */
function writeFile(
  writer: BitWriter,
  { path, file, content, edit }: PreparedFile,
  folder: string,
  state: AssemblyState,
  bodyEnd: number,
): void {
  const { length } = content;
  const { padding } = state;
  const header = writeTarHeader({ name: path, prefix: folder }, length, '0', padding);
  const distance = state.distance + padding;
  deflateHeader(writer, header, padding, distance <= windowSize ? state.previousHeader : undefined, distance);
  state.crc = crc32(header, state.crc);
  const offsetChange = state.bytes + header.length - bodyEnd - file.gapBytes;
  const deflated = edit
    ? deflateEdit(file, edit, content, offsetChange)
    : offsetChange === 0
      ? file
      : deflateEdited(file, [], content, offsetChange);
  if (deflated.bits > 0) {
    alignByStoredBlock(writer);
    appendBits(writer, deflated.bytes, 0, deflated.bits);
  }
  state.crc = combineCrc(state.crc, deflated.crc, deflated.crcMultiplier);
  state.bytes += header.length + length;
  state.previousHeader = header;
  state.distance = blockSize + length;
  state.padding = paddingOf(length);
}

/** Deflates an edited file and keeps the result with the edit, because recipes that differ in little share most edits. */
function deflateEdit(file: CodedFile, edit: Edit, content: Buffer, offsetChange: number): Deflated {
  if (edit.deflated?.offsetChange !== offsetChange)
    edit.deflated = deflateEdited(file, edit.splices, content, offsetChange);
  return edit.deflated;
}

const zeroBlocks = Buffer.alloc(3 * blockSize);

/** Writes two empty blocks, which end a tar archive, and the gzip trailer of CRC and length. */
function writeArchiveEnd(writer: BitWriter, { crc, bytes, padding }: AssemblyState): void {
  const end = zeroBlocks.subarray(0, padding + 2 * blockSize);
  beginBlock(writer, fixedCodes, true);
  writeZeros(writer, end.length);
  endBlock(writer, fixedCodes);
  padToByte(writer);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(end, crc), 0);
  trailer.writeUInt32LE((bytes + end.length) >>> 0, 4);
  appendBits(writer, trailer);
}

/** Estimates the bytes of charts, with a tar block for each header or insert. */
function estimateBytes(charts: readonly PreparedChart[]): number {
  let bytes = 4 * blockSize;
  for (const { pieces, coded } of charts) {
    for (const section of pieces.body?.sections ?? []) bytes += section.bytes.length + blockSize;
    for (const { file, edit } of coded)
      bytes += Math.max(file.bytes.length, edit?.deflated?.bytes.length ?? 0) + blockSize;
  }
  return bytes;
}

/** Gzip header (RFC 1952, section 2.3): deflate, no flags, no time, no hint on the speed, no system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
