import type { ChartFiles } from '../../chart/chart.ts';
import { orderFiles } from '../chart-order.ts';
import type { Edit } from '../splices.ts';
import { isPlain, maxPrefix } from '../tar-header.ts';
import type { CodedFile } from './coded-file.ts';
import { limitSizeOverhead } from './limit-size-overhead.ts';
import type { Pieces } from './prepare-pieces.ts';

/** A file of an archive, by its path below the archive's folder. */
export type ArchiveFile = readonly [path: string, content: Buffer];

/** A chart of an archive, by how it comes of its source. */
export interface ArchivePart {
  /** Where it lies below the archive's folder: nothing, or folders with a `/` at the end. */
  prefix: string;
  source: ChartFiles;
  /** Files of its own, in place of the source's. */
  made: ReadonlyMap<string, Buffer>;
  /** Whether a file of the source stays that none is made for; all do whose names say nothing to Helm. */
  keeps: (path: string) => boolean;
}

/** What was deflated before, by the files of a chart, and how files were made of others. */
export interface PreparedSources {
  pieces: ReadonlyMap<ChartFiles, Pieces>;
  edits: ReadonlyMap<Buffer, Edit>;
}

/** A chart that stands in an archive as it was deflated before, but for changes. */
export interface PreparedChart {
  /** As it stands in headers. */
  folder: string;
  pieces: Pieces;
  coded: PreparedFile[];
}

/** A file of such a chart that composing may have changed. */
export interface PreparedFile {
  path: string;
  file: CodedFile;
  content: Buffer;
  /** How it came of the source's, if it is another. */
  edit?: Edit;
}

/** An archive's files in their order: last those that are deflated together, afresh. */
export interface Arrangement {
  folder: string;
  ready: PreparedPart[];
  fresh: ArchiveFile[];
}

export interface PreparedPart extends PreparedChart {
  part: ArchivePart;
}

/** All files of a part, by their paths below the archive's folder. */
export function filesOf({ prefix, source, made, keeps }: ArchivePart): ArchiveFile[] {
  const files = new Map(made);
  for (const [path, content] of source) if (!made.has(path) && keeps(path)) files.set(path, content);
  return orderFiles(files).map(([path, content]) => [prefix + path, content]);
}

/**
 * Decides which charts of an archive are put together out of pieces. The same parts give the same arrangement everywhere.
 */
export function arrangeArchive(
  folder: string,
  parts: readonly ArchivePart[],
  { pieces, edits }: PreparedSources,
): Arrangement {
  const fresh: ArchiveFile[] = [];
  const ready: (PreparedPart & { fresh: ArchiveFile[] })[] = [];
  for (const part of parts) {
    const known = pieces.get(part.source);
    const place = part.prefix === '' ? folder : `${folder}/${part.prefix.slice(0, -1)}`;
    const fits = isPlain(place) && place.length <= maxPrefix;
    if (known && fits) ready.push(preparePart(part, place, known, edits));
    else fresh.push(...filesOf(part));
  }
  const used = new Set(limitSizeOverhead(ready));
  for (const chart of ready) fresh.push(...(used.has(chart) ? chart.fresh : filesOf(chart.part)));
  return { folder, fresh, ready: ready.filter((chart) => used.has(chart)) };
}

/** The order of the files, for a packer that is to make the same of them. */
export function filesInOrder({ fresh, ready }: Arrangement): ArchiveFile[] {
  return [...ready.flatMap(filesOfPrepared), ...fresh];
}

/** The files of a chart that was deflated before, in their order. */
export function filesOfPrepared({
  part: { prefix, source },
  pieces: { body },
  coded,
}: PreparedPart): ArchiveFile[] {
  return [
    ...(body?.files ?? []).map(
      ({ path }): ArchiveFile => [prefix + path, source.get(path) ?? Buffer.alloc(0)],
    ),
    ...coded.map(({ path, content }): ArchiveFile => [prefix + path, content]),
  ];
}

function preparePart(
  part: ArchivePart,
  folder: string,
  pieces: Pieces,
  edits: PreparedSources['edits'],
): PreparedPart & { fresh: ArchiveFile[] } {
  const { prefix, source, made, keeps } = part;
  const coded: PreparedFile[] = [];
  const fresh: ArchiveFile[] = [];
  for (const [path, file] of pieces.coded) {
    const before = source.get(path);
    const content = made.get(path) ?? (keeps(path) ? before : undefined);
    if (!content) continue;
    const edit = edits.get(content);
    if (content === before) coded.push({ path, file, content });
    else if (edit && edit.source === before && insertedBytes(edit) <= maxInsertedBytes)
      coded.push({ path, file, content, edit });
    else fresh.push([prefix + path, content]);
  }
  for (const path of pieces.loose) {
    const content = source.get(path);
    if (content && !made.has(path) && keeps(path)) fresh.push([prefix + path, content]);
  }
  for (const [path, content] of made) if (!pieces.coded.has(path)) fresh.push([prefix + path, content]);
  return { part, folder, pieces, coded, fresh };
}

/** Bytes that are deflated while the event loop waits; a file with more that is new is deflated afresh. */
const maxInsertedBytes = 65_536;

function insertedBytes({ splices }: Edit): number {
  let bytes = 0;
  for (const splice of splices) bytes += splice.bytes.length;
  return bytes;
}
