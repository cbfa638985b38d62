import type { ChartFiles } from '../../chart/chart.ts';
import { orderFiles } from '../chart-order.ts';
import type { Edit } from '../splices.ts';
import type { DeflatedBody } from './body.ts';
import type { CodedFile } from './coded-file.ts';
import type { Fingerprint } from './similarity.ts';

/** File of an archive, by its path below the archive's folder. */
export type ArchiveFile = readonly [path: string, content: Buffer];

/** Chart of an archive: its source, and the files that differ from the source's. */
export interface ArchivePart {
  /** Folder of the chart below the archive's folder: empty, or ending with `/`. */
  prefix: string;
  source: ChartFiles;
  /** Composed files by path; each replaces or adds to the source's. */
  made: ReadonlyMap<string, Buffer>;
  /** Whether a source's file without a composed one stays. Must accept every path that Helm gives no meaning. */
  keeps: (path: string) => boolean;
}

/** Deflated pieces of a chart, common to all archives made of it. Without the charts inside it. */
export interface DeflatedPieces {
  body: DeflatedBody | undefined;
  /** Files that composing changes, by path, in the order of the archive. */
  coded: ReadonlyMap<string, CodedFile>;
  /** Paths of the files in neither `body` nor `coded`; assembly deflates them anew. */
  loose: string[];
  /** Bytes that zlib needs for all but the loose files in one stream. */
  streamBytes: number;
  /** Bytes that the pieces take beyond `streamBytes`. */
  overheadBytes: number;
  /** Bytes of all but the loose files in a tar archive. */
  tarBytes: number;
  fingerprint: Fingerprint;
}

/** Results of earlier work that assembly reuses. */
export interface PreparedSources {
  /** Deflated pieces by the files of their chart. */
  pieces: ReadonlyMap<ChartFiles, DeflatedPieces>;
  /** Edits by the content that they made. */
  edits: ReadonlyMap<Buffer, Edit>;
}

/** Chart that assembly writes out of deflated pieces. */
export interface PreparedChart {
  /** Full folder of the chart in the archive, as its headers have it. */
  folder: string;
  pieces: DeflatedPieces;
  coded: PreparedFile[];
}

/** Coded file of a prepared chart; composing may have changed it. */
export interface PreparedFile {
  path: string;
  file: CodedFile;
  content: Buffer;
  /** Edit that made `content` out of the source's; absent where both are the same. */
  edit?: Edit;
}

/** Prepared chart with the part that it stands for. */
export interface PreparedPart extends PreparedChart {
  part: ArchivePart;
}

/** Files of an archive in their order: prepared charts first, then those deflated anew. */
export interface Arrangement {
  folder: string;
  prepared: PreparedPart[];
  fresh: ArchiveFile[];
}

/** Lists all files of a part, by their paths below the archive's folder. */
export function filesOfPart({ prefix, source, made, keeps }: ArchivePart): ArchiveFile[] {
  const files = new Map(made);
  for (const [path, content] of source) if (!made.has(path) && keeps(path)) files.set(path, content);
  return orderFiles(files).map(([path, content]) => [prefix + path, content]);
}

/** Lists the files of a prepared chart in the order in which assembly writes them. */
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
