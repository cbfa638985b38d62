import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { usageError } from '../command-error.ts';

/** Archive on the disk or on standard input. */
export interface LocalArchive {
  /** Path as the user gave it, or `-`. */
  file: string;
  read(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the provenance file beside it, if there is one. */
  readProvenance(): Promise<string | undefined>;
}

/**
 * Finds the archives that paths name. A path is a file, folders with `.tgz` files at any depth, and `-` for standard
 * input.
 * @throws {CommandError} for a path that is not there, a folder without archives, and an unpacked chart
 */
export async function findArchives(paths: readonly string[]): Promise<LocalArchive[]> {
  const found = await Promise.all([...new Set(paths)].map(findIn));
  const archives = new Map(found.flat().map((archive) => [archive.file, archive]));
  return [...archives.values()];
}

async function findIn(path: string): Promise<LocalArchive[]> {
  if (path === '-') return [archiveFromStandardInput()];
  const info = await stat(path).catch((error: unknown) => {
    throw usageError(`cannot read ${path}: there is no such file or folder, or it is not readable`, error);
  });
  if (!info.isDirectory()) return [archiveFromFile(path)];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  if (entries.some((entry) => entry.name === 'Chart.yaml' && entry.parentPath === path))
    throw usageError(
      `${path} is a chart that is not packed: run \`helm package ${path}\`, and push the result`,
    );
  const files = entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && entry.name.endsWith('.tgz'))
    .map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) throw usageError(`${path} has no archives: files that end in .tgz`);
  return files.sort().map(archiveFromFile);
}

function archiveFromFile(file: string): LocalArchive {
  return {
    file,
    read: async () => new Uint8Array(await readFile(file)),
    readProvenance: () =>
      readFile(`${file}.prov`, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
  };
}

function archiveFromStandardInput(): LocalArchive {
  return {
    file: '-',
    read: async () => new Uint8Array(await buffer(process.stdin)),
    readProvenance: () => Promise.resolve(undefined),
  };
}
