import type { Edit } from '../splices.ts';
import { isPrintableAscii, maxPrefixBytes } from '../tar-header.ts';
import { limitSizeOverhead } from './limit-size-overhead.ts';
import {
  type ArchiveFile,
  type ArchivePart,
  type Arrangement,
  type DeflatedPieces,
  filesOfPart,
  filesOfPrepared,
  type PreparedFile,
  type PreparedPart,
  type PreparedSources,
} from './parts.ts';

/** Prepared chart, and its files that are deflated anew. */
type PreparedWithRest = PreparedPart & { fresh: ArchiveFile[] };

/**
 * Decides which charts of an archive are assembled from pieces, and which deflated anew.
 * Equal parts are arranged equally on every machine, so that a repeated composition has the same digest.
 */
export function arrangeArchive(
  folder: string,
  parts: readonly ArchivePart[],
  { pieces, edits }: PreparedSources,
): Arrangement {
  const fresh: ArchiveFile[] = [];
  const prepared: PreparedWithRest[] = [];
  for (const part of parts) {
    const partPieces = pieces.get(part.source);
    const partFolder = part.prefix === '' ? folder : `${folder}/${part.prefix.slice(0, -1)}`;
    const fits = isPrintableAscii(partFolder) && partFolder.length <= maxPrefixBytes;
    if (partPieces && fits) prepared.push(preparePart(part, partFolder, partPieces, edits));
    else fresh.push(...filesOfPart(part));
  }
  const used: ReadonlySet<PreparedPart> = new Set(limitSizeOverhead(prepared));
  for (const chart of prepared) fresh.push(...(used.has(chart) ? chart.fresh : filesOfPart(chart.part)));
  return { folder, fresh, prepared: prepared.filter((chart) => used.has(chart)) };
}

/**
 * Lists an arrangement's files in the order of the archive. A packer that must write the same tar archive needs it.
 */
export function filesInArchiveOrder({ fresh, prepared }: Arrangement): ArchiveFile[] {
  return [...prepared.flatMap(filesOfPrepared), ...fresh];
}

function preparePart(
  part: ArchivePart,
  folder: string,
  pieces: DeflatedPieces,
  edits: PreparedSources['edits'],
): PreparedWithRest {
  const { prefix, source, made, keeps } = part;
  const coded: PreparedFile[] = [];
  const fresh: ArchiveFile[] = [];
  for (const [path, file] of pieces.coded) {
    const before = source.get(path);
    const content = made.get(path) ?? (keeps(path) ? before : undefined);
    if (!content) continue;
    const edit = edits.get(content);
    if (content === before) coded.push({ path, file, content });
    else if (edit && edit.source === before && countInsertedBytes(edit) <= maxInsertedBytes)
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

/** Inserted bytes of an edit that assembly deflates on the event loop; a file with more is deflated anew. */
const maxInsertedBytes = 65_536;

function countInsertedBytes({ splices }: Edit): number {
  let bytes = 0;
  for (const splice of splices) bytes += splice.bytes.length;
  return bytes;
}
