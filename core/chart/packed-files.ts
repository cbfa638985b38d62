import {
  type ArchiveBudget,
  checkFolders,
  takeBytes,
  takeEntry,
  takeFile,
  trimMark,
} from '../archive/read-archive.ts';
import { block } from '../archive/tar-header.ts';
import { extendedBytes } from '../archive/write-archive.ts';
import type { ChartFiles } from './chart.ts';

/**
 * Reads files as if from the archive that `packArchive` makes of them, without packing.
 * A rewritten chart is so held to the limits that the next reader of its archive applies.
 * @returns the files as that reader gets them
 * @throws RegistryError `archive.*`
 */
export function readPackedFiles(folder: string, files: ChartFiles, budget: ArchiveBudget): ChartFiles {
  const read: ChartFiles = new Map();
  let total = 0;
  for (const [path, content] of files) {
    const extended = extendedBytes(`${folder}/${path}`);
    if (extended > 0) takeBytes(budget, block + extended);
    takeEntry(budget);
    total += content.length;
    takeFile(budget, path, content.length, total);
    read.set(path, trimMark(content));
  }
  checkFolders(read);
  return read;
}
