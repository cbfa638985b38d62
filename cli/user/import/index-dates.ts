import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { digestOf } from '../archives/digest.ts';
import type { PackedChartRef } from '../archives/read-chart-ref.ts';
import { isObject, readTextValue } from '../contexts/read-json.ts';
import { readEntryDate, readEntryDigest, readIndexEntries } from './read-index.ts';

/** Indexes of chart repositories and of ChartMuseum, as they lie beside archives. */
const indexFiles = ['index.yaml', 'index-cache.yaml'];

/** Dates in the indexes of a folder. */
export interface IndexDates {
  /** Finds the date that an index gives an archive; undefined where none does. */
  find(file: string, ref: PackedChartRef, archive: Uint8Array): Promise<Date | undefined>;
  /** Lists the files that have the name of an index and cannot be read as one, among the files that were examined. */
  listUnread(): string[];
}

/**
 * Creates the lookup of dates in the indexes of a folder. Copies and clones change the times of files, an index keeps the
 * date of publication. The nearest index counts, in the folder of the archive or above it; in it the digest finds
 * the entry, else name and version do.
 * @param root folder above which no index is looked for
 */
export function createIndexDates(root: string): IndexDates {
  const top = resolve(root);
  const unread = new Set<string>();
  const indexes = new Map<string, Promise<ReadonlyMap<string, Date>>>();
  const datesOf = (folder: string) => {
    const found = indexes.get(folder) ?? readDates(folder, unread);
    indexes.set(folder, found);
    return found;
  };
  return {
    async find(file, { chart, version }, archive) {
      const digest = digestOf(archive);
      for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
        const dates = await datesOf(folder);
        const date = dates.get(digest) ?? dates.get(keyOf(chart, version));
        if (date || folder.length <= top.length) return date;
      }
    },
    listUnread: () => [...unread],
  };
}

/**
 * Reads the dates of the indexes in a folder, by digest, and by name and version.
 * @param unread takes the files that cannot be read as an index
 */
async function readDates(folder: string, unread: Set<string>): Promise<ReadonlyMap<string, Date>> {
  const dates = new Map<string, Date>();
  for (const name of indexFiles) {
    const file = join(folder, name);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') unread.add(file);
    });
    if (text === undefined) continue;
    const entries = await readIndexEntries(text);
    if (!entries) unread.add(file);
    for (const [chart, listed] of Object.entries(entries ?? {})) {
      for (const entry of Array.isArray(listed) ? listed.filter(isObject) : []) {
        const [date, version, digest] = [
          readEntryDate(entry),
          readTextValue(entry, 'version'),
          readEntryDigest(entry),
        ];
        const keys = [digest, version === undefined ? undefined : keyOf(chart, version)];
        for (const key of keys) if (date && key !== undefined && !dates.has(key)) dates.set(key, date);
      }
    }
  }
  return dates;
}

function keyOf(chart: string, version: string): string {
  return `${chart} ${version}`;
}
