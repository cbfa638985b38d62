import { randomBytes } from 'node:crypto';
import { rename, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissingFolderError, makeFolder } from './make-folder.ts';

/**
 * Clears the path of a blob that could not be moved to it. Makes its folder, or removes a folder that lies there.
 * @param error what the move failed with
 * @throws that error where something else is in the way
 */
export async function clearBlobPath(path: string, error: unknown): Promise<void> {
  if (isMissingFolderError(error)) return makeFolder(dirname(path));
  if (!isFolderError(error)) throw error;
  await setFolderAside(path);
}

/**
 * Removes a folder that lies at the path of a blob. A folder that has files is kept under another name beside it,
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
