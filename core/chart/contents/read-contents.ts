import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { compareBytes } from '../../archive/chart-order.ts';
import type { ChartLimits } from '../../archive/limits.ts';
import type { UnpackedArchive } from '../../archive/read-archive.ts';
import { type DigestedFile, fileKinds, type MainFiles } from './contents.ts';
import { isChangelog, templateRoleOf } from './file-kinds.ts';
import { type FileTable, writeFileTable } from './file-table.ts';
import { type WalkedFile, walkArchive } from './walk-archive.ts';

/** Opened archive: all its files, and the bytes of as many as may be kept. */
export interface ArchiveContents {
  files: FileTable;
  main: MainFiles;
  /** Charts inside, at any depth. */
  subcharts: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads all that an archive holds.
 * Bytes are kept in the order of the kinds, so that those of a README, values and templates of a huge chart are there.
 * @param keepBytes bytes of files to keep; the others are listed only
 * @throws {RegistryError} as `walkArchive`
 */
export async function readContents(
  archive: Readable | UnpackedArchive,
  limits: ChartLimits,
  keepBytes: number,
): Promise<ArchiveContents> {
  const { files: walked, subcharts } = await walkArchive(archive, limits);
  const main = findMainFiles(walked);
  const listed = walked
    .map((file) => ({ file: toDigestedFile(file), content: file.content }))
    .sort((left, right) => compareBytes(left.file.path, right.file.path));
  const parts: Buffer[] = [];
  let length = 0;
  for (const { file, content } of listed.toSorted((left, right) => rankOf(left.file) - rankOf(right.file))) {
    if (length + content.length > keepBytes) continue;
    file.at = length;
    length += content.length;
    parts.push(content);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return { files: writeFileTable(listed.map(({ file }) => file)), main, subcharts, bytes };
}

/**
 * Reads a single file of an archive, for one that {@link readContents} has not kept.
 * @throws {RegistryError} as `walkArchive`
 */
export async function readContentsFile(
  archive: Readable | UnpackedArchive,
  limits: ChartLimits,
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { files } = await walkArchive(archive, limits);
  const found = files.find(({ folder, name }) => folder + name === path);
  return found && new Uint8Array(found.content);
}

function rankOf({ kind }: DigestedFile): number {
  return fileKinds.indexOf(kind);
}

function toDigestedFile({ folder, name, kind, content }: WalkedFile): DigestedFile {
  const use = templateRoleOf(name);
  return {
    path: folder + name,
    size: content.length,
    kind,
    ...(use ? { use } : {}),
    binary: content.includes(0) || !isUtf8(content),
    digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  };
}

/** Finds the root's files that a page shows; of several READMEs Helm takes the archive's first. */
function findMainFiles(walked: readonly WalkedFile[]): MainFiles {
  const own = walked.filter(({ folder }) => folder === '');
  const main: MainFiles = {};
  for (const part of ['readme', 'values', 'schema', 'license'] as const) {
    const found = own.find(({ kind }) => kind === part);
    if (found) main[part] = found.name;
  }
  const changelog = own.find(({ name }) => isChangelog(name));
  if (changelog) main.changelog = changelog.name;
  return main;
}
