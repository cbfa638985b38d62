import type { Edit } from '../splices.ts';
import { block, paddingOf } from '../tar-header.ts';
import type { Group, ReadyFile, Spliced } from './arrange.ts';
import { farthest } from './header-block.ts';
import type { Piece } from './pieces.ts';
import { lossOf, segmentFile } from './segments.ts';

/** How a spliced file is deflated: in little time, or in few bytes; `mostLoss` as in {@link segmentFile}. */
export const quick = { mostLoss: 0.08, level: 3 };
const small = { mostLoss: 0.01, level: 6 };

export function spliceFile(
  piece: Piece,
  edit: Edit,
  size: number,
  { mostLoss, level }: typeof quick,
): Spliced {
  const segments = edit.segments.get(level) ?? segmentFile(piece, edit.splices, size, mostLoss);
  edit.segments.set(level, segments);
  return { edit, segments, level };
}

function shrink(entry: ReadyFile): ReadyFile {
  const { file, piece, spliced } = entry;
  return spliced ? { ...entry, spliced: spliceFile(piece, spliced.edit, file[1].length, small) } : entry;
}

/** Of the bytes that all files take in one stream, pieces may cost so much more by this estimate, of 0.03 promised. */
const mostLoss = 0.024;

/** For each chart: its first files find nothing to copy from in the chart before, nor the first header in another. */
const lossBetween = 500;

/**
 * Takes files out, those first that cost most for their size, until the rest costs little enough. In a run all files cost
 * the same and the smallest comes last, so what stays is still a run.
 */
export function boundLoss(groups: readonly Group[]): Group[] {
  let whole = 0;
  for (const group of groups) {
    for (const { piece } of group) whole += (piece.run.whole / Math.max(1, piece.run.size)) * piece.size;
  }
  const limit = mostLoss * whole - lossBetween * groups.length;
  if (lossOfAll(groups) <= limit) return groups.map(longEnough);
  const tight = groups.map((group) => group.map(shrink));
  let loss = lossOfAll(tight);
  const out = new Set<ReadyFile>();
  for (const entry of tight.flat().sort(costliestFirst)) {
    if (loss <= limit) break;
    out.add(entry);
    loss -= entryLoss(entry);
  }
  return tight.map((group) => longEnough(group.filter((entry) => !out.has(entry))));
}

function lossOfAll(groups: readonly Group[]): number {
  let loss = 0;
  for (const group of groups) for (const entry of group) loss += entryLoss(entry);
  return loss;
}

function entryLoss({ piece, spliced }: ReadyFile): number {
  const share = (piece.run.loss / piece.run.chunks) * Math.max(1, piece.chunks.length);
  return spliced ? share + lossOf(spliced.segments, spliced.level) : share;
}

function costliestFirst(left: ReadyFile, right: ReadyFile): number {
  const difference = entryLoss(right) * left.piece.size - entryLoss(left) * right.piece.size;
  return difference || right.piece.index - left.piece.index;
}

/** A chart shorter than deflate reaches back could copy from a like one before it, if both were in one stream. */
function longEnough(group: Group): Group {
  let length = 0;
  for (const { piece } of group) length += block + piece.size + paddingOf(piece.size);
  return length < farthest ? [] : group;
}
