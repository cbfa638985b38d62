import type { Splice } from '../splices.ts';
import { bestOf, type Chunk, type Piece } from './pieces.ts';

/** A part of a spliced file: a chunk that was deflated before, or bytes that are deflated when they are first needed. */
export type Segment =
  | { kind: 'ready'; chunk: Chunk; bytes: Buffer }
  | { kind: 'fresh'; from: number; to: number; bytes?: Buffer };

/** A block has codes of its own, which take some eighty bytes. */
const freshLoss = 100;

/** What a level below 6 costs, as a share of the content. */
const quickLoss = 0.02;

/**
 * What can be used of a file's chunks once it has been spliced, and what lies between.
 * @param size bytes of the spliced file, into which `from` and `to` of the fresh segments point
 * @param mostLoss a chunk that would take so much more than it did, as a share of its content, is deflated afresh
 */
export function segmentFile(
  piece: Piece,
  splices: readonly Splice[],
  size: number,
  mostLoss: number,
): Segment[] {
  const segments: Segment[] = [];
  let next = 0;
  // What has to be added to an offset of the old file to have it in the new one.
  let shift = 0;
  /** Chunks since the last change. */
  let same = 0;
  let freshSince: number | undefined;
  for (const chunk of piece.chunks) {
    const from = chunk.from + shift;
    let changed = false;
    for (let splice = splices[next]; splice && splice.from < chunk.to; splice = splices[next]) {
      changed = true;
      if (splice.to > chunk.to) break;
      shift += splice.bytes.length - (splice.to - splice.from);
      next += 1;
    }
    const bytes = chunk.behind[same] ?? bestOf(chunk);
    same = changed ? 0 : same + 1;
    if (changed || bytes.length - bestOf(chunk).length > mostLoss * (chunk.to - chunk.from)) {
      freshSince ??= from;
      continue;
    }
    if (freshSince !== undefined) segments.push({ kind: 'fresh', from: freshSince, to: from });
    freshSince = undefined;
    segments.push({ kind: 'ready', chunk, bytes });
  }
  const rest = freshSince ?? piece.size + shift;
  if (rest < size) segments.push({ kind: 'fresh', from: rest, to: size });
  return segments;
}

/** Bytes more than the file's chunks would take, about, when what is fresh is deflated at a level. */
export function lossOf(segments: readonly Segment[], level: number): number {
  const share = level < 6 ? quickLoss : 0;
  let loss = 0;
  for (const segment of segments) {
    if (segment.kind === 'ready') loss += segment.bytes.length - bestOf(segment.chunk).length;
    else loss += freshLoss + share * (segment.to - segment.from);
  }
  return loss;
}

/** Bytes that have to be deflated, or had to be. */
export function freshBytes(segments: readonly Segment[]): number {
  let bytes = 0;
  for (const segment of segments) if (segment.kind === 'fresh') bytes += segment.to - segment.from;
  return bytes;
}
