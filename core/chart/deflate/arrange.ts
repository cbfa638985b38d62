import type { Edit } from '../splices.ts';
import { type HeaderPath, splitPath } from '../tar-header.ts';
import { boundLoss, quick, spliceFile } from './bound-loss.ts';
import type { Piece, Run } from './pieces.ts';
import { freshBytes, type Segment } from './segments.ts';

/** A file of an archive, by its path below the archive's folder. */
export type ArchiveFile = readonly [path: string, content: Buffer];

/** What was deflated before, by the very buffers of a chart's files, and how files were made of such. */
export interface Ready {
  pieces: ReadonlyMap<Buffer, Piece>;
  edits: ReadonlyMap<Buffer, Edit>;
}

/** A file that stands in an archive as it was deflated before. */
export interface ReadyFile {
  file: ArchiveFile;
  header: HeaderPath;
  piece: Piece;
  /** Of a spliced one. */
  spliced?: Spliced;
}

/** What can be used of a spliced file, and what is deflated. */
export interface Spliced {
  edit: Edit;
  segments: readonly Segment[];
  /** At which what is fresh of it is deflated. */
  level: number;
}

/** An archive's files in their order: first those that are deflated together, afresh. */
export interface Arrangement {
  folder: string;
  fresh: ArchiveFile[];
  ready: ReadyFile[];
}

/** A chart of an archive, as far as its files are ready; in order of index. */
export type Group = ReadyFile[];

/**
 * Decides which files of an archive are put together out of pieces. Pieces take a little more than one stream, which shows
 * where files are small: then the smallest are deflated afresh, until the archive is as small as it is to be. The same
 * files give the same arrangement everywhere.
 */
export function arrangeArchive(folder: string, files: readonly ArchiveFile[], ready: Ready): Arrangement {
  const groups = boundLoss(groupFiles(folder, files, ready));
  const used = groups.flat();
  const taken = new Set(used.map(({ file }) => file));
  return { folder, fresh: files.filter((file) => !taken.has(file)), ready: used };
}

/** The order of the files, for a packer that is to make the same of them. */
export function orderOf({ fresh, ready }: Arrangement): ArchiveFile[] {
  return [...fresh, ...ready.map(({ file }) => file)];
}

/** Bytes that are deflated while the event loop waits; a file with more to deflate is fresh. */
const mostAtOnce = 65_536;

function groupFiles(folder: string, files: readonly ArchiveFile[], { pieces, edits }: Ready): Group[] {
  const groups: Group[] = [];
  let group: Group = [];
  let run: Run | undefined;
  for (const file of files) {
    const [path, content] = file;
    const edit = edits.get(content);
    const piece = pieces.get(edit?.source ?? content);
    // A pax header would stand where a piece copies from.
    const header = piece && splitPath(`${folder}/${path}`);
    if (!header || (edit && piece.index > 0)) continue;
    if (run !== piece.run || group[piece.index]) {
      group = [];
      groups.push(group);
      run = piece.run;
    }
    const spliced = edit && spliceFile(piece, edit, content.length, quick);
    if (spliced && freshBytes(spliced.segments) > mostAtOnce) continue;
    group[piece.index] = { file, header, piece, ...(spliced && { spliced }) };
  }
  return groups.map(withoutGaps);
}

/** What a piece copies from must be there. */
function withoutGaps(group: Group): Group {
  const gap = group.findIndex((entry, index) => index > 0 && !entry);
  return group.slice(0, gap < 0 ? undefined : gap).filter(Boolean);
}
