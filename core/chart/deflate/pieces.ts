import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { paddingOf } from '../tar-header.ts';
import { crcShift } from './crc.ts';
import { farthest } from './header-block.ts';
import { noise, otherNoise } from './noise.ts';

/** A file's content, deflated once for every archive that it will be part of. */
export interface Piece {
  /** Bytes of the content, its CRC-32, and what another CRC is multiplied by when this is put behind it. */
  size: number;
  crc: number;
  shift: number;
  /** One, of a file that is used as it is or not at all. */
  chunks: readonly Chunk[];
  run: Run;
  /** Its place in the run: what stands first there has 1, a file that is no part of it 0. */
  index: number;
}

/** The chunk behind as much as there can be. */
export function bestOf({ behind }: Chunk): Buffer {
  return behind.at(-1) ?? behind[0];
}

/** A part of a content: raw deflate that ends on a whole byte. */
export interface Chunk {
  from: number;
  to: number;
  crc: number;
  shift: number;
  /**
   * For use behind so many chunks of its file as the place in the list says, from none on; the last one copies from as
   * far as deflate reaches back. Of a file in a run there is one, which copies from the run before it.
   */
  behind: readonly [Buffer, ...Buffer[]];
}

/** Files of one chart that stand one behind the other, the longest first. */
export interface Run {
  /** How many chunks the files with pieces have, and bytes more than in one stream they take, headers included. */
  chunks: number;
  loss: number;
  /** Bytes of the files, and bytes that they take in one stream. */
  size: number;
  whole: number;
}

const settings = { level: 6, finishFlush: constants.Z_SYNC_FLUSH };

/** About as much of a file that may be spliced is deflated afresh for a change in it. */
const chunkSize = 8_192;

/**
 * Deflates files for use in their order, each with what comes before it as its dictionary: that compresses as well as the
 * whole at once. Headers are not known yet, so nothing is copied out of them.
 */
export function deflateRun(contents: readonly Buffer[], run: Run): Map<Buffer, Piece> {
  const pieces = new Map<Buffer, Piece>();
  // The run as it will stand in an archive, with one kind of noise for headers, and with another.
  let before = Buffer.alloc(0);
  let otherwise = Buffer.alloc(0);
  for (const [index, content] of contents.entries()) {
    before = lastOf(before, noise);
    otherwise = lastOf(otherwise, otherNoise);
    const chunk = describe(content, 0, [deflateBehind(before, otherwise, content)]);
    pieces.set(content, makePiece(content, content.length > 0 ? [chunk] : [], run, index + 1));
    const padding = Buffer.alloc(paddingOf(content.length));
    before = lastOf(before, content, padding);
    otherwise = lastOf(otherwise, content, padding);
  }
  return pieces;
}

/** Deflates a file that may be spliced, so that what is not changed of it can be used. */
export function deflateChunks(content: Buffer, run: Run): Piece {
  const chunks: Chunk[] = [];
  for (let from = 0; from < content.length; from += chunkSize) {
    const part = content.subarray(from, from + chunkSize);
    const behind: [Buffer, ...Buffer[]] = [deflateRawSync(part, settings)];
    for (let before = chunkSize; before <= Math.min(from, farthest); before += chunkSize) {
      behind.push(deflateRawSync(part, { ...settings, dictionary: content.subarray(from - before, from) }));
    }
    chunks.push(describe(part, from, behind));
  }
  return makePiece(content, chunks, run, 0);
}

function makePiece(content: Buffer, chunks: Chunk[], run: Run, index: number): Piece {
  run.chunks += Math.max(1, chunks.length);
  run.size += content.length;
  return { size: content.length, crc: crc32(content), shift: crcShift(content.length), chunks, run, index };
}

function describe(part: Buffer, from: number, behind: Chunk['behind']): Chunk {
  const { length } = part;
  return { from, to: from + length, crc: crc32(part), shift: crcShift(length), behind };
}

/** Nothing may be copied out of a header, and it is not, if the same comes out behind other headers. */
function deflateBehind(before: Buffer, otherwise: Buffer, content: Buffer): Buffer {
  const bytes = deflateRawSync(content, { ...settings, dictionary: before });
  const proof = inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, dictionary: otherwise });
  return proof.equals(content) ? bytes : deflateRawSync(content, settings);
}

/** As far as deflate reaches back. */
function lastOf(...parts: Buffer[]): Buffer<ArrayBuffer> {
  const together = Buffer.concat(parts);
  return together.subarray(Math.max(0, together.length - farthest));
}
