import type { Digest } from '../blobs/port.ts';
import type { ChartFile, DigestedFile, FileKind, MainFiles } from '../chart/contents/contents.ts';
import { fileAt, findByPath, findFileIndexes } from '../chart/contents/file-table.ts';
import type { ArchiveContents } from '../chart/contents/read-contents.ts';
import { RegistryError } from '../errors.ts';
import { boundText } from '../runtime/bound-text.ts';
import type { CachedArchive } from './contents-cache.ts';
import { versionNameOf } from './names.ts';
import type { Page, Paging, RegistryDeps, VersionRef } from './registry.ts';
import { findArchive } from './versions.ts';

/** Dependencies of the use cases on the files of a version. */
export type ContentsReadDeps = Pick<RegistryDeps, 'db' | 'suggestible' | 'contents'>;

/** Number of the form in which contents are listed. Part of validators, so raise it with every change of them. */
export const contentsFormNumber = 2;

/** Files that a list chooses; each may be absent. */
export interface FileFilter {
  kind?: FileKind | undefined;
  /** Start of the paths: a folder with its slash, or the path of a file. */
  path?: string | undefined;
}

/** Content of a file of a version. */
export interface FileContent {
  file: DigestedFile;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Parts of a version's details that its archive says. */
export interface ContentsSummary {
  files: MainFiles;
  /** Counts at any depth. */
  counts: { templates: number; crds: number; files: number; subcharts: number };
}

/**
 * Lists the files of a version, by the bytes of their paths.
 * @returns `digest` of the archive, which the whole list depends on
 * @throws {RegistryError} `version.notFound`, or that of its chart or space; `blob.damaged`, `blob.missing`,
 *   `service.busy`
 */
export async function listFiles(
  deps: ContentsReadDeps,
  ref: VersionRef,
  { kind, path }: FileFilter,
  { start, limit }: Paging,
): Promise<Page<ChartFile> & { digest: Digest }> {
  const { archive, contents } = await openVersion(deps, ref);
  const chosen = findFileIndexes(contents.files, kind, path ?? '');
  const items = chosen.slice(start, start + limit).map((index) => toChartFile(fileAt(contents.files, index)));
  return { digest: archive.digest, total: chosen.length, items };
}

function toChartFile({ digest: _digest, at: _at, ...file }: DigestedFile): ChartFile {
  return file;
}

/**
 * Reads a file of a version by its path, as Helm reads it. The text has no byte-order mark. A path names an entry of
 * the list alone, and never anything of a file system.
 * @throws {RegistryError} `file.notFound`; `version.notFound`, or that of its chart or space; `blob.damaged`,
 *   `blob.missing`
 */
export async function readVersionFile(
  deps: ContentsReadDeps,
  ref: VersionRef,
  path: string,
): Promise<FileContent> {
  for (;;) {
    const { archive, contents } = await openVersion(deps, ref);
    const file = findByPath(contents.files, path);
    if (!file) throw explainMissingFile(ref, path, contents);
    const bytes = await deps.contents.readFile(archive, contents, file);
    // An archive that is gone means that the version was deleted, or has another one by now: look again.
    if (bytes) return { file, bytes };
  }
}

function explainMissingFile(ref: VersionRef, path: string, { files }: ArchiveContents): RegistryError {
  const like = files.paths.find((known) => known.toLowerCase() === path.toLowerCase());
  const shown = JSON.stringify(boundText(path, 200));
  const hint = like ? `Is it ${JSON.stringify(like)}?` : 'The list of its files says what there is.';
  return new RegistryError('file.notFound', `${versionNameOf(ref)} has no file ${shown}. ${hint}`);
}

/**
 * Summarizes the files of a version for its details.
 * @throws {RegistryError} as {@link listFiles}
 */
export async function summarizeContents(deps: ContentsReadDeps, ref: VersionRef): Promise<ContentsSummary> {
  const { main, files, subcharts } = (await openVersion(deps, ref)).contents;
  const countOf = (wanted: FileKind) => findFileIndexes(files, wanted, '').length;
  return {
    files: main,
    counts: { templates: countOf('template'), crds: countOf('crd'), files: files.paths.length, subcharts },
  };
}

/**
 * Reads the values that templates of a version get. Each has the chart and file that set it.
 * @returns JSON text in bytes, and the digest of the archive that it is made of
 * @throws {RegistryError} as {@link listFiles}; `values.invalid` where they are too large
 */
export async function readValueOrigins(
  deps: ContentsReadDeps,
  ref: VersionRef,
): Promise<{ digest: Digest; json: Uint8Array<ArrayBuffer> }> {
  for (;;) {
    const { digest, size } = await findArchive(deps, ref);
    const json = await deps.contents.readOrigins({ space: ref.space, digest, size });
    if (json) return { digest, json };
  }
}

/** Opens the archive of a version. @throws {RegistryError} as {@link listFiles} */
export async function openVersion(
  deps: ContentsReadDeps,
  ref: VersionRef,
): Promise<{ archive: CachedArchive; contents: ArchiveContents }> {
  for (;;) {
    const { digest, size } = await findArchive(deps, ref);
    const archive = { space: ref.space, digest, size };
    const contents = await deps.contents.open(archive);
    if (contents) return { archive, contents };
  }
}
