import { type ArchiveBudget, chargeBytes, chargeEntry, chargeFile } from '../archive/limits.ts';
import { assertNoFileIsFolder, trimByteOrderMark } from '../archive/read-archive.ts';
import { blockSize } from '../archive/tar-header.ts';
import { paxRecordBytes } from '../archive/write-archive.ts';
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
    const extended = paxRecordBytes(`${folder}/${path}`);
    if (extended > 0) chargeBytes(budget, blockSize + extended);
    chargeEntry(budget);
    total += content.length;
    chargeFile(budget, path, content.length, total);
    read.set(path, trimByteOrderMark(content));
  }
  assertNoFileIsFolder(read);
  return read;
}
