import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import { tarEntry } from '../archive-write.ts';
import { block, paddingOf, writeHeader } from '../tar-header.ts';
import type { ArchiveFile, Arrangement, ReadyFile, Spliced } from './arrange.ts';
import { type BitWriter, createBitWriter } from './bits.ts';
import { combineCrc } from './crc.ts';
import { deflateHeader, farthest, writeZeros } from './header-block.ts';
import { bestOf } from './pieces.ts';

const deflate = promisify(deflateRaw);

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/** Bytes that are deflated at once: a few milliseconds' worth; more is done beside the event loop. */
const atOnce = 65_536;

/** Packs an archive out of pieces that were deflated before, and deflates the rest. One ordinary gzip member (RFC 1952). */
export async function assembleArchive({ folder, fresh, ready }: Arrangement): Promise<Buffer> {
  const state = beginState();
  const first = await deflateFresh(folder, fresh, state.sum);
  const writer = createBitWriter(first.length + mostBytes(ready));
  writer.append(gzipHeader);
  writer.append(first);
  for (const entry of ready) writeEntry(writer, entry, state);
  writeEnd(writer, state);
  return writer.finish();
}

/** Bytes that entries take behind one another. */
export function measureEntries(entries: readonly ReadyFile[]): number {
  const state = beginState();
  const writer = createBitWriter(mostBytes(entries));
  for (const entry of entries) writeEntry(writer, entry, state);
  return writer.finish().length;
}

/** CRC-32 and length of the tar archive so far. */
interface Sum {
  crc: number;
  bytes: number;
}

interface State {
  sum: Sum;
  /** The header before, as many bytes back as `distance` and the padding that the content behind it still needs. */
  before: Buffer | undefined;
  distance: number;
  padding: number;
}

function beginState(): State {
  return { sum: { crc: 0, bytes: 0 }, before: undefined, distance: 0, padding: 0 };
}

async function deflateFresh(folder: string, files: readonly ArchiveFile[], sum: Sum): Promise<Buffer> {
  const plain = Buffer.concat(
    files.flatMap(([path, content]) => [...tarEntry(`${folder}/${path}`, content)]),
  );
  if (plain.length === 0) return plain;
  sum.crc = crc32(plain);
  sum.bytes = plain.length;
  return plain.length > atOnce ? await deflate(plain, settings) : deflateRawSync(plain, settings);
}

function writeEntry(
  writer: BitWriter,
  { file, header: path, piece, spliced }: ReadyFile,
  state: State,
): void {
  const size = file[1].length;
  const { padding, sum } = state;
  const header = writeHeader(path, size, '0', padding);
  const distance = state.distance + padding;
  deflateHeader(writer, header, padding, distance <= farthest ? state.before : undefined, distance);
  sum.crc = crc32(header, sum.crc);
  if (spliced) writeSegments(writer, file[1], spliced, sum);
  else {
    for (const chunk of piece.chunks) writer.append(bestOf(chunk));
    sum.crc = combineCrc(sum.crc, piece.crc, piece.shift);
  }
  sum.bytes += header.length + size;
  state.before = header;
  state.distance = block + size;
  state.padding = paddingOf(size);
}

function writeSegments(writer: BitWriter, content: Buffer, { segments, level }: Spliced, sum: Sum): void {
  for (const segment of segments) {
    if (segment.kind === 'ready') {
      writer.append(segment.bytes);
      sum.crc = combineCrc(sum.crc, segment.chunk.crc, segment.chunk.shift);
      continue;
    }
    const bytes = content.subarray(segment.from, segment.to);
    segment.bytes ??= deflateChange(content, segment.from, bytes, level);
    writer.append(segment.bytes);
    sum.crc = crc32(bytes, sum.crc);
  }
}

/** It is deflated behind what stands before it; behind less where it is small, since that costs time as well. */
function deflateChange(content: Buffer, from: number, bytes: Buffer, level: number): Buffer {
  const reach = Math.min(from, farthest, 4 * bytes.length);
  const dictionary = content.subarray(from - reach, from);
  return deflateRawSync(bytes, { ...settings, level, ...(reach > 0 && { dictionary }) });
}

/** Two empty blocks end a tar archive; CRC and length end the member. */
function writeEnd(writer: BitWriter, { sum, padding }: State): void {
  const end = Buffer.alloc(padding + 2 * block);
  writer.begin(true);
  writeZeros(writer, end.length);
  writer.end(true);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(end, sum.crc), 0);
  trailer.writeUInt32LE((sum.bytes + end.length) >>> 0, 4);
  writer.append(trailer);
}

/** Bytes of entries, with room for whatever their headers and the end take. */
function mostBytes(entries: readonly ReadyFile[]): number {
  let bytes = 4 * block;
  for (const { piece, spliced } of entries) {
    bytes += 2 * block;
    if (!spliced) for (const chunk of piece.chunks) bytes += bestOf(chunk).length;
    for (const segment of spliced?.segments ?? [])
      bytes += segment.kind === 'ready' ? segment.bytes.length : 2 * (segment.to - segment.from) + block;
  }
  return bytes;
}

/** RFC 1952, section 2.3: deflate, no flags, no time, no hint on the speed, no system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
