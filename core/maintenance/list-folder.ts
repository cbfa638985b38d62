import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ListedFile {
  path: string;
  /** Bytes. */
  size: number;
}

/** Files below a folder, and what could not be read there. */
export interface FolderListing {
  files: ListedFile[];
  unreadable: { path: string; error: unknown }[];
}

/** Lists the files below a folder, at any depth. A folder that cannot be read is noted, and the others are listed. */
export async function listFolder(root: string): Promise<FolderListing> {
  const listing: FolderListing = { files: [], unreadable: [] };
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await readFolder(folder, listing)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else await addFile(path, listing);
    }
  }
  return listing;
}

async function readFolder(path: string, { unreadable }: FolderListing): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    unreadable.push({ path, error });
    return [];
  }
}

/** Links to files are followed, those to folders may lead in circles. */
async function addFile(path: string, { files, unreadable }: FolderListing): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isFile()) files.push({ path, size: found.size });
  } catch (error) {
    // A link to nothing, and a file that has gone meanwhile, hold no copy.
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isGone) unreadable.push({ path, error });
  }
}
