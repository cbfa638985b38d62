import { randomBytes } from 'node:crypto';
import { rename, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lacksFolder, makeFolder } from './make-folder.ts';

/**
 * Makes way for a blob that could not be moved to its place. The blob's folder is made, or a folder that lies in its
 * place is taken away.
 * @param error what the move failed with
 * @throws that error where something else is in the way
 */
export async function makeWay(path: string, error: unknown): Promise<void> {
  if (lacksFolder(error)) return makeFolder(dirname(path));
  if (!isFolderError(error)) throw error;
  await setFolderAside(path);
}

/**
 * Takes a folder away from where a blob belongs. One that holds something is kept under another name beside it,
 * because nothing of this program has made it.
 */
export async function setFolderAside(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    const code = codeOf(error);
    // Somebody else may be doing the same, and be done.
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rename(path, `${path}.folder-${randomBytes(6).toString('hex')}`);
  }
}

/** Whether a call for files has met a folder. Known are the system's code, and that of Node's `rm`. */
export function isFolderError(error: unknown): boolean {
  return ['EISDIR', 'ERR_FS_EISDIR'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
